package io.divan.record.query;

import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.Rec;
import io.divan.record.RecordType;
import io.divan.record.index.Continuation;
import io.divan.record.index.IndexScan.KeyRange;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How a query is executed.
 *
 * @param type the type of the records
 * @param query the query
 * @param predicate its predicate in normal form
 * @param shape how the branches are put together
 * @param options the accesses that a page may begin with for each branch, the best one first
 * @param backwards whether a merge is in descending order of primary keys
 * @param sorting whether all records are sorted in memory
 * @param rows about how many rows the access has, if known
 */
record Plan(
    RecordType type,
    Query query,
    Predicate predicate,
    Shape shape,
    List<List<Access>> options,
    boolean backwards,
    boolean sorting,
    OptionalLong rows) {

  /** How branches are put together. */
  enum Shape {
    /** There is only one branch. */
    ONE,
    /** All branches are in the same order, that of the sort and then of primary keys. */
    MERGED,
    /** The branches come one after the other. Each lacks the records of those before it. */
    CHAINED
  }

  /** Returns the best access of each branch. */
  List<Access> accesses() {
    return options.stream().map(List::getFirst).toList();
  }

  /** Returns this plan with all its records sorted in memory, for another query. */
  Plan sorting(Query sorted) {
    return new Plan(type, sorted, predicate, shape, options, backwards, true, rows);
  }

  /** Returns whether a record that a branch found belongs to the results of that branch. */
  boolean accepts(int branch, Access access, Rec rec) {
    return switch (shape) {
      case ONE -> Conditions.holdAll(access.filter(), rec);
      case MERGED -> !filters() || Conditions.holds(predicate, rec);
      case CHAINED -> {
        if (!Conditions.holdAll(access.filter(), rec)) {
          yield false;
        }
        for (int before = 0; before < branch; before++) {
          if (Conditions.holdAll(options.get(before).getFirst().parts(), rec)) {
            yield false;
          }
        }
        yield true;
      }
    };
  }

  /** Returns whether any branch may find records that do not belong to the results. */
  boolean filters() {
    return shape == Shape.CHAINED
        || options.stream().flatMap(List::stream).anyMatch(access -> !access.filter().isEmpty());
  }

  /** Returns the fields that the query needs of each record, or empty for all. */
  Optional<Set<String>> needed() {
    Set<String> needed = new HashSet<>();
    if (query.fields().isEmpty()) {
      type.fields().forEach(field -> needed.add(field.name()));
    } else {
      needed.addAll(query.fields());
    }
    if (sorting) {
      query.sort().forEach(sort -> needed.add(sort.field()));
    }
    if (!filters()) {
      return Optional.of(needed);
    }
    List<Predicate> filter =
        shape == Shape.ONE ? options.getFirst().getFirst().filter() : List.of(predicate);
    return Conditions.fields(filter)
        .map(
            fields -> {
              needed.addAll(fields);
              return needed;
            });
  }

  /** Returns whether no record needs to be read. */
  boolean covered() {
    Optional<Set<String>> needed = needed();
    return accesses().stream()
        .allMatch(access -> access.path().index().isPresent() && access.path().covers(needed));
  }

  /** Returns the hash of everything that determines the results and their order. */
  byte[] fingerprint() {
    Hash hash = new Hash().number(shape.ordinal()).number(backwards ? 1 : 0);
    common(hash);
    for (Access access : accesses()) {
      if (shape == Shape.ONE) {
        add(hash, access);
      } else {
        hash.text(access.parts().toString());
      }
    }
    return hash.finish();
  }

  /** Returns the hash of everything that determines the rows of a branch and their order. */
  byte[] fingerprint(int branch, Access access) {
    Hash hash = new Hash().number(branch);
    common(hash);
    add(hash, access);
    return hash.finish();
  }

  private void common(Hash hash) {
    hash.number(type.number())
        .number(sorting ? 1 : 0)
        .text(predicate.toString())
        .text(query.sort().toString())
        .text(query.fields().toString());
  }

  private static void add(Hash hash, Access access) {
    hash.number(access.path().number()).bytes(access.path().signature());
    hash.number(access.reverse() ? 1 : 0).number(access.ranges().size());
    for (KeyRange range : access.ranges()) {
      hash.bytes(range.begin()).bytes(range.end().orElseThrow());
    }
  }

  /** A hash of parts, each with its length. */
  private static final class Hash {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Hash number(int number) {
      bytes.writeBytes(ByteBuffer.allocate(4).putInt(number).array());
      return this;
    }

    Hash bytes(byte[] part) {
      number(part.length);
      bytes.writeBytes(part);
      return this;
    }

    Hash text(String text) {
      return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    byte[] finish() {
      try {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
        return Arrays.copyOf(hash, Continuation.FINGERPRINT_BYTES);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Java has no SHA-256", e);
      }
    }
  }
}
