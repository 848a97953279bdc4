package io.divan.record;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A step that upgrades records of one version of the schema to the next. It runs when an older
 * record is read; the next put of the record stores its result. It must always return the same for
 * the same record, and keep no reference to it.
 *
 * @param fromVersion the version before the step; it runs for records of this version and below
 * @param type the name of the type, as in the current schema
 * @param sets the fields that the step sets, none of the primary key. Other fields of its result
 *     are ignored. Indexes of these fields are built again
 * @param step gets the record with the fields of both versions: those of the current schema under
 *     their current names, removed ones under their last names
 */
public record Upgrade(int fromVersion, String type, List<String> sets, UnaryOperator<Rec> step) {
  public Upgrade {
    sets = List.copyOf(sets);
  }
}
