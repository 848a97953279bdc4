package io.divan.record.store;

import io.divan.record.Index;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.index.Contribution;
import io.divan.record.index.IndexException;
import io.divan.record.index.IndexFeed;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexScan.KeyRange;
import io.divan.record.index.IndexSource;
import io.divan.record.query.RecordRows;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Versionstamp;
import io.divan.storage.tuple.TupleReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The records of an index, for its build and its scrub. The primary keys of an index of one type
 * are those of the type; a feed, which may have several types, puts the type's number before them.
 */
final class RecordSource implements IndexSource<Rec> {
  private final RecordReads reads;
  private final Schema schema;
  private final Index index;
  private final List<RecordType> types;

  RecordSource(RecordReads reads, Schema schema, Index index) {
    this.reads = reads;
    this.schema = schema;
    this.index = index;
    this.types =
        index.types().stream()
            .map(schema::requireType)
            .sorted(Comparator.comparingInt(RecordType::number))
            .toList();
  }

  private boolean isFeed() {
    return index instanceof Index.Versionstamp;
  }

  @Override
  public Slice<Rec> after(
      ReadTransaction transaction, byte[] position, int rowsMax, int bytesMax) {
    int start = position.length == 0 ? 0 : types.indexOf(type(position));
    for (int i = start; i < types.size(); i++) {
      RecordType type = types.get(i);
      Optional<byte[]> after =
          i == start && position.length > 0
              ? Optional.of(primaryKey(position))
              : Optional.empty();
      Slice<Rec> slice =
          reads.scan(
              transaction,
              new RecordRows.Scan(type, KeyRange.all(), after, false, rowsMax),
              bytesMax);
      boolean last = i == types.size() - 1;
      if (last || !slice.items().isEmpty()) {
        List<Item<Rec>> items = new ArrayList<>();
        for (Item<Rec> item : slice.items()) {
          items.add(new Item<>(key(type, item.primaryKey()), item.record()));
        }
        byte[] read = items.isEmpty() ? position : items.getLast().primaryKey();
        return new Slice<>(items, read, last && slice.end());
      }
    }
    return new Slice<>(List.of(), position, true);
  }

  @Override
  public Optional<Rec> get(ReadTransaction transaction, byte[] key) {
    return getAll(transaction, List.of(key)).getFirst();
  }

  @Override
  public List<Optional<Rec>> getAll(ReadTransaction transaction, List<byte[]> keys) {
    if (!isFeed()) {
      return reads.get(transaction, types.getFirst(), keys);
    }
    List<Optional<Rec>> found =
        new ArrayList<>(Collections.nCopies(keys.size(), Optional.empty()));
    for (RecordType type : types) {
      List<Integer> places =
          IntStream.range(0, keys.size()).filter(i -> isOf(type, keys.get(i))).boxed().toList();
      List<Optional<Rec>> some =
          reads.get(
              transaction, type, places.stream().map(i -> primaryKey(keys.get(i))).toList());
      for (int i = 0; i < some.size(); i++) {
        found.set(places.get(i), some.get(i));
      }
    }
    return found;
  }

  /** Returns whether a key begins with the number of a type; no type has a damaged key. */
  private static boolean isOf(RecordType type, byte[] key) {
    byte[] number = Contributions.owner(type, new byte[0]);
    return key.length >= number.length
        && Arrays.equals(key, 0, number.length, number, 0, number.length);
  }

  @Override
  public List<Contribution> contributions(IndexHandle handle, byte[] key, Rec rec) {
    try {
      return Contributions.of(index, type(key), primaryKey(key), rec);
    } catch (RecordException.Invalid | RecordException.TooManyElements e) {
      throw new IndexException.NotIndexable(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Optional<byte[]> owner(IndexHandle handle, byte[] key) {
    return index instanceof Index.Value value
        ? Contributions.primaryKey(value, key)
        : Optional.empty();
  }

  @Override
  public Optional<byte[]> version(ReadTransaction transaction) {
    Metadata metadata = reads.metadata(transaction);
    for (Index each : schema.indexes()) {
      if (each instanceof Index.Versionstamp feed && feed.types().containsAll(index.types())) {
        IndexHandle handle = metadata.handle(feed);
        if (handle.readable()) {
          return IndexFeed.last(transaction, reads.space(), handle.number())
              .or(() -> Optional.of(Versionstamp.ZERO))
              .map(Versionstamp::toBytes);
        }
      }
    }
    return Optional.empty();
  }

  private RecordType type(byte[] key) {
    if (!isFeed()) {
      return types.getFirst();
    }
    long number = new TupleReader(key).nextLong();
    return types.stream()
        .filter(type -> type.number() == number)
        .findFirst()
        .orElseThrow(
            () -> new RecordException.Damaged("Index " + index.name() + " has type " + number));
  }

  private byte[] primaryKey(byte[] key) {
    if (!isFeed()) {
      return key;
    }
    TupleReader reader = new TupleReader(key);
    reader.nextLong();
    return Arrays.copyOfRange(key, reader.position(), key.length);
  }

  private byte[] key(RecordType type, byte[] primaryKey) {
    return isFeed() ? Contributions.owner(type, primaryKey) : primaryKey;
  }
}
