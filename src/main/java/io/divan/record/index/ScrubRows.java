package io.divan.record.index;

import io.divan.storage.KeyValue;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Versionstamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the rows of an index that no thing contributes.
 *
 * @param <R> a thing
 * @param history whether a feed keeps earlier rows of a thing
 */
record ScrubRows<R>(IndexSpace space, IndexHandle index, IndexSource<R> source, boolean history) {

  /** Returns those of the rows that no thing contributes. */
  List<KeyValue> dangling(ReadTransaction transaction, IndexRows kind, List<KeyValue> rows) {
    return switch (kind) {
      case FEED -> danglingFeed(transaction, rows);
      case FEED_PLACES -> danglingPlaces(transaction, rows);
      default -> danglingKeys(transaction, kind, rows);
    };
  }

  private List<KeyValue> danglingKeys(
      ReadTransaction transaction, IndexRows kind, List<KeyValue> rows) {
    int prefix = space.prefix(kind, index.number()).length;
    List<Optional<Bytes>> owners = new ArrayList<>();
    for (KeyValue row : rows) {
      owners.add(
          (kind == IndexRows.UNIQUE
              ? Optional.of(row.value())
              : source.owner(index, rest(row, prefix)))
              .map(Bytes::new));
    }
    Map<Bytes, Set<Bytes>> contributed =
        contributed(transaction, kind, owners.stream().flatMap(Optional::stream).toList());
    List<KeyValue> dangling = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      Bytes key = new Bytes(rest(rows.get(i), prefix));
      if (owners.get(i).filter(owner -> contributed.getOrDefault(owner, Set.of()).contains(key))
          .isEmpty()) {
        dangling.add(rows.get(i));
      }
    }
    return dangling;
  }

  /** Returns the keys that each owner contributes. */
  private Map<Bytes, Set<Bytes>> contributed(
      ReadTransaction transaction, IndexRows kind, List<Bytes> owners) {
    Map<Bytes, Set<Bytes>> contributed = new HashMap<>();
    List<byte[]> keys = owners.stream().distinct().map(Bytes::bytes).toList();
    List<Optional<R>> things = source.getAll(transaction, keys);
    for (int i = 0; i < keys.size(); i++) {
      byte[] owner = keys.get(i);
      Set<Bytes> all = new HashSet<>();
      things.get(i).ifPresent(
          thing -> {
            for (Contribution each : source.contributions(index, owner, thing)) {
              switch (each) {
                case Contribution.Row row when kind == IndexRows.VALUES ->
                    all.add(new Bytes(row.key()));
                case Contribution.Unique unique when kind == IndexRows.UNIQUE
                    && Arrays.equals(unique.owner(), owner) ->
                    all.add(new Bytes(unique.key()));
                default -> {}
              }
            }
          });
      contributed.put(new Bytes(owner), all);
    }
    return contributed;
  }

  private List<KeyValue> danglingFeed(ReadTransaction transaction, List<KeyValue> rows) {
    if (history) {
      return List.of();
    }
    int prefix = space.prefix(IndexRows.FEED, index.number()).length;
    List<IndexFeed.Entry> entries =
        rows.stream().map(row -> IndexFeed.entry(row, prefix)).toList();
    List<Optional<byte[]>> places =
        transaction.getAll(
            space.table(),
            entries.stream()
                .map(entry -> space.key(IndexRows.FEED_PLACES, index.number(), entry.owner()))
                .toList());
    List<KeyValue> dangling = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      Versionstamp stamp = entries.get(i).stamp();
      if (places.get(i).filter(row -> stamp.equals(Versionstamp.fromBytes(row, 0))).isEmpty()) {
        dangling.add(rows.get(i));
      }
    }
    return dangling;
  }

  /** Returns the places without a row of the feed whose things do not exist. */
  private List<KeyValue> danglingPlaces(ReadTransaction transaction, List<KeyValue> rows) {
    List<KeyValue> places =
        rows.stream().filter(row -> row.value().length == Versionstamp.LENGTH).toList();
    List<Optional<byte[]>> entries =
        transaction.getAll(
            space.table(),
            places.stream()
                .map(row -> Versionstamp.fromBytes(row.value(), 0))
                .map(stamp -> IndexFeed.key(space, index.number(), stamp))
                .toList());
    int prefix = space.prefix(IndexRows.FEED_PLACES, index.number()).length;
    List<KeyValue> suspects = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      byte[] owner = rest(places.get(i), prefix);
      if (entries.get(i).filter(value -> IndexFeed.isOf(value, owner)).isEmpty()) {
        suspects.add(places.get(i));
      }
    }
    List<Optional<R>> things =
        source.getAll(transaction, suspects.stream().map(row -> rest(row, prefix)).toList());
    List<KeyValue> dangling = new ArrayList<>(rows);
    dangling.removeAll(places);
    for (int i = 0; i < suspects.size(); i++) {
      if (things.get(i).isEmpty()) {
        dangling.add(suspects.get(i));
      }
    }
    return dangling;
  }

  private static byte[] rest(KeyValue row, int prefix) {
    return Arrays.copyOfRange(row.key(), prefix, row.key().length);
  }
}
