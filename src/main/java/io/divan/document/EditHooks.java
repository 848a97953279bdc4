package io.divan.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rules and observers of all databases. They are fixed when the service starts; each chooses
 * the databases that concern it.
 *
 * @param rules rules in Java. They run inside the transaction: without I/O and in microseconds.
 * @param slowRules rules that may take long, such as scripts. They run before the transaction, on a
 *     snapshot. The transaction then checks that the configuration and the old documents are still
 *     those of the snapshot; otherwise the rules run again. Design documents are exempt, as in
 *     CouchDB.
 * @param observers receivers of changes
 */
public record EditHooks(
    List<EditRule.Source> rules,
    List<EditRule.Source> slowRules,
    List<EditObserver.Source> observers) {

  /** No rules and no observers. */
  public static final EditHooks NONE = new EditHooks(List.of(), List.of(), List.of());

  public EditHooks {
    rules = List.copyOf(rules);
    slowRules = List.copyOf(slowRules);
    observers = List.copyOf(observers);
  }

  /** These hooks followed by others. */
  public EditHooks and(EditHooks others) {
    return new EditHooks(
        concat(rules, others.rules),
        concat(slowRules, others.slowRules),
        concat(observers, others.observers));
  }

  private static <T> List<T> concat(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /** The rules among these that a database has. */
  static List<EditRule> choose(List<EditRule.Source> sources, EditContext context) {
    return sources.isEmpty()
        ? List.of()
        : sources.stream().map(source -> source.rule(context)).flatMap(Optional::stream).toList();
  }
}
