package io.divan.record.store;

import io.divan.record.Explanation;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordReader;
import io.divan.record.RecordType;
import io.divan.record.Results;
import io.divan.record.Schema;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexRows;
import io.divan.record.index.IndexScan;
import io.divan.record.index.IndexSpace;
import io.divan.record.query.QueryRun;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reads of one transaction. For use by one thread. */
class SnapshotReader implements RecordReader {
  private static final int GROUPS_AT_ONCE = 1_000;

  private RecordReads reads;
  private Schema schema;
  private final ReadTransaction transaction;

  SnapshotReader(RecordReads reads, ReadTransaction transaction) {
    this.reads = reads.of(transaction);
    this.schema = this.reads.schema(transaction);
    this.transaction = transaction;
  }

  final Schema schema() {
    return schema;
  }

  final RecordReads reads() {
    return reads;
  }

  /** Continues with the schema of other reads of this transaction. */
  final void use(RecordReads others) {
    reads = others;
    schema = others.schema(transaction);
  }

  /** Makes the changes of this transaction visible to reads of indexes. */
  void flush() {}

  @Override
  public Optional<Rec> get(String type, Key key) {
    return getAll(type, List.of(key)).getFirst();
  }

  @Override
  public List<Optional<Rec>> getAll(String type, List<Key> keys) {
    RecordType of = schema.requireType(type);
    List<byte[]> primaryKeys = new ArrayList<>(keys.size());
    keys.forEach(key -> primaryKeys.add(of.primaryKey(key)));
    return getAll(of, primaryKeys);
  }

  List<Optional<Rec>> getAll(RecordType type, List<byte[]> primaryKeys) {
    return reads.get(transaction, type, primaryKeys);
  }

  @Override
  public long count(String index, @Nullable Object... group) {
    if (!(schema.requireIndex(index) instanceof Index.Count count)) {
      throw new RecordException.Invalid("Index " + index + " is not a count index");
    }
    return counter(count, group(count, count.group(), group));
  }

  @Override
  public long sum(String index, @Nullable Object... group) {
    if (!(schema.requireIndex(index) instanceof Index.Sum sum)) {
      throw new RecordException.Invalid("Index " + index + " is not a sum index");
    }
    return counter(sum, group(sum, sum.group(), group));
  }

  private long counter(Index index, byte[] group) {
    return counter(transaction, reads.space(), readable(index).number(), group);
  }

  static long counter(
      ReadTransaction transaction, IndexSpace space, int number, byte[] group) {
    return transaction
        .get(space.table(), space.key(IndexRows.COUNTERS, number, group))
        .map(IndexScan::counter)
        .orElse(0L);
  }

  @Override
  public List<Group> groups(String name, int max) {
    Index index = schema.requireIndex(name);
    int elements =
        switch (index) {
          case Index.Count count -> count.group().size();
          case Index.Sum sum -> sum.group().size();
          default -> throw new RecordException.Invalid("Index " + name + " has no counters");
        };
    int number = readable(index).number();
    List<Group> groups = new ArrayList<>();
    IndexScan.Position from = IndexScan.Position.START;
    boolean end = false;
    while (!end && groups.size() < max) {
      IndexScan.Slice slice =
          IndexScan.read(
              transaction, reads.space(), IndexRows.COUNTERS, number,
              List.of(IndexScan.KeyRange.all()), false, from, GROUPS_AT_ONCE);
      for (IndexScan.Row row : slice.rows()) {
        from = row.position();
        long value = IndexScan.counter(row.value());
        if (value != 0 && groups.size() < max) {
          groups.add(new Group(elements(row.key(), elements), value));
        }
      }
      end = slice.end();
    }
    return groups;
  }

  private static List<@Nullable Object> elements(byte[] group, int count) {
    TupleReader reader = new TupleReader(group);
    List<@Nullable Object> elements = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      elements.add(reader.nextElement());
    }
    return elements;
  }

  @Override
  public Optional<Object> ever(String index, @Nullable Object... group) {
    if (!(schema.requireIndex(index) instanceof Index.Ever ever)) {
      throw new RecordException.Invalid(
          "Index " + index + " does not keep a greatest or least value");
    }
    byte[] packed = group(ever, ever.group(), group);
    IndexHandle handle = readable(ever);
    IndexSpace space = reads.space();
    byte[] end = new TupleWriter().add(ever.max() ? 1 : 0).toBytes();
    byte[] begin =
        space.key(IndexRows.EVER, handle.number(), RecordKeys.concat(end, packed));
    Range all =
        Range.of(space.table(), begin, RecordKeys.concat(begin, new byte[] {(byte) 0xFF}));
    Page page = transaction.scan((ever.max() ? all.reversed() : all).limit(1));
    return page.rows().stream()
        .findFirst()
        .flatMap(row -> Optional.ofNullable(
            new TupleReader(row.key(), begin.length).nextElement()));
  }

  @Override
  public Results run(Query query, ReadLimits limits, Optional<byte[]> continuation) {
    flush();
    return QueryRun.run(transaction, reads, query, limits, continuation, System::nanoTime);
  }

  @Override
  public Explanation explain(Query query) {
    return QueryRun.explain(transaction, reads, query);
  }

  /** Returns an index that may be read, after the changes of this transaction are in it. */
  private IndexHandle readable(Index index) {
    flush();
    return reads.metadata(transaction).readable(index);
  }

  private byte[] group(Index index, List<String> fields, @Nullable Object[] values) {
    if (fields.size() != values.length) {
      throw new RecordException.Invalid(
          "A group of index " + index.name() + " has " + fields.size() + " fields, not "
              + values.length);
    }
    RecordType type = schema.requireType(index.types().getFirst());
    TupleWriter writer = new TupleWriter();
    for (int i = 0; i < values.length; i++) {
      writer.addElement(type.require(fields.get(i)).type().normal(values[i]));
    }
    return writer.toBytes();
  }
}
