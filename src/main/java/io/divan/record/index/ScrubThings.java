package io.divan.record.index;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the contributions of things that an index lacks, and adds them. */
record ScrubThings(IndexSpace space, IndexHandle index) {

  /** A contribution of a thing. */
  record Contributed(byte[] primaryKey, Contribution contribution) {}

  /**
   * A contribution that the index lacks.
   *
   * @param place the position in a feed whose row is missing
   */
  record Missing(Contributed contributed, Optional<Versionstamp> place) {}

  /** Returns those contributions whose rows are missing or have another value. */
  List<Missing> missing(ReadTransaction transaction, List<Contributed> all) {
    List<Contributed> keyed =
        all.stream()
            .filter(each -> !(each.contribution() instanceof Contribution.Add))
            .filter(each -> !(each.contribution() instanceof Contribution.Ever))
            .toList();
    List<Optional<byte[]>> rows =
        transaction.getAll(
            space.table(), keyed.stream().map(each -> key(each.contribution())).toList());
    List<Missing> missing = new ArrayList<>();
    List<Missing> placed = new ArrayList<>();
    for (int i = 0; i < keyed.size(); i++) {
      Contributed each = keyed.get(i);
      Optional<byte[]> row = rows.get(i);
      if (each.contribution() instanceof Contribution.Feed) {
        row = row.filter(value -> value.length == Versionstamp.LENGTH);
      }
      if (row.isPresent() && each.contribution() instanceof Contribution.Feed) {
        placed.add(new Missing(each, row.map(value -> Versionstamp.fromBytes(value, 0))));
      } else if (row.filter(value -> Arrays.equals(value, value(each.contribution()))).isEmpty()) {
        missing.add(new Missing(each, Optional.empty()));
      }
    }
    missing.addAll(withoutFeedRow(transaction, placed));
    missing.addAll(worse(transaction, all));
    return missing;
  }

  /** Writes what is missing; returns whether it could. */
  boolean add(WriteTransaction transaction, Missing missing) {
    Contributed each = missing.contributed();
    if (missing.place().isPresent() && each.contribution() instanceof Contribution.Feed feed) {
      transaction.put(
          space.table(),
          IndexFeed.key(space, index.number(), missing.place().get()),
          IndexFeed.value(feed));
      return true;
    }
    IndexWriter.Change change =
        new IndexWriter.Change(
            index, each.primaryKey(), List.of(), List.of(each.contribution()));
    try {
      new IndexWriter(transaction, space, true).change(List.of(change), List.of());
      return true;
    } catch (IndexException.NotUnique e) {
      return false;
    }
  }

  private byte[] key(Contribution contribution) {
    return switch (contribution) {
      case Contribution.Row row -> space.key(IndexRows.VALUES, index.number(), row.key());
      case Contribution.Unique unique ->
          space.key(IndexRows.UNIQUE, index.number(), unique.key());
      case Contribution.Feed feed ->
          space.key(IndexRows.FEED_PLACES, index.number(), feed.owner());
      case Contribution.Add add -> space.key(IndexRows.COUNTERS, index.number(), add.key());
      case Contribution.Ever ever -> group(ever).bytes();
    };
  }

  private static byte[] value(Contribution contribution) {
    return switch (contribution) {
      case Contribution.Row row -> row.value();
      case Contribution.Unique unique -> unique.owner();
      default -> new byte[0];
    };
  }

  private Bytes group(Contribution.Ever ever) {
    return new Bytes(
        IndexSpace.concat(
            space.key(IndexRows.EVER.code(), index.number(), ever.max() ? 1 : 0),
            ever.group()));
  }

  private List<Missing> withoutFeedRow(ReadTransaction transaction, List<Missing> placed) {
    List<Optional<byte[]>> rows =
        transaction.getAll(
            space.table(),
            placed.stream()
                .map(each -> IndexFeed.key(space, index.number(), each.place().orElseThrow()))
                .toList());
    List<Missing> missing = new ArrayList<>();
    for (int i = 0; i < placed.size(); i++) {
      if (rows.get(i).isEmpty()) {
        missing.add(placed.get(i));
      }
    }
    return missing;
  }

  /** Returns the contributions that are better than the kept value of their group. */
  private List<Missing> worse(ReadTransaction transaction, List<Contributed> all) {
    Map<Bytes, Contributed> best = new LinkedHashMap<>();
    for (Contributed each : all) {
      if (each.contribution() instanceof Contribution.Ever ever) {
        best.merge(
            group(ever),
            each,
            (one, other) -> {
              Contribution.Ever kept = (Contribution.Ever) one.contribution();
              return Differences.isBetter(ever.value(), kept.value(), ever.max()) ? other : one;
            });
      }
    }
    List<Missing> missing = new ArrayList<>();
    best.forEach(
        (group, each) -> {
          Contribution.Ever ever = (Contribution.Ever) each.contribution();
          Range range = space.below(group.bytes()).limit(1);
          Page page = transaction.scan(ever.max() ? range.reversed() : range);
          byte[] value =
              page.rows().isEmpty()
                  ? new byte[0]
                  : Arrays.copyOfRange(
                      page.rows().getFirst().key(),
                      group.bytes().length,
                      page.rows().getFirst().key().length);
          if (value.length == 0 || Differences.isBetter(ever.value(), value, ever.max())) {
            missing.add(new Missing(each, Optional.empty()));
          }
        });
    return missing;
  }
}
