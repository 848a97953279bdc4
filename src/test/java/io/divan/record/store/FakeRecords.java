package io.divan.record.store;

import io.divan.record.Explanation;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordType;
import io.divan.record.Results;
import io.divan.record.Schema;
import io.divan.record.index.Contribution;
import io.divan.record.index.IndexCatalog;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexScan;
import io.divan.record.index.IndexSource;
import io.divan.record.index.IndexSpace;
import io.divan.record.index.IndexWriter;
import io.divan.record.query.QueryRun;
import io.divan.record.query.RecordRows;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Records without chunks, with readable indexes, as queries read them. */
final class FakeRecords implements RecordRows {
  private static final byte[] NONE = {};

  private final Store store;
  private final IndexSpace space = new IndexSpace(IndexSpace.RECORDS, NONE);
  private final Map<String, IndexHandle> handles = new HashMap<>();
  private Schema schema;
  int gets;
  int scans;

  FakeRecords(Store store, Schema schema) {
    this.store = store;
    this.schema = schema;
    schema.indexes().forEach(this::create);
  }

  /** Creates an index and its rows. */
  void add(Index index) {
    schema = schema.index(index);
    create(index);
    RecordType type = schema.requireType(index.types().getFirst());
    for (Rec rec : all(type)) {
      byte[] key = type.primaryKey(rec);
      store.write(
          transaction -> {
            change(transaction, index, key, Optional.empty(), Optional.of(rec));
            return true;
          });
    }
  }

  private void create(Index index) {
    handles.put(
        index.name(),
        store
            .write(
                transaction -> IndexCatalog.createReadable(
                    transaction, space, index.name().getBytes(StandardCharsets.UTF_8)))
            .result());
  }

  /** Makes queries ignore an index. */
  void disable(String index) {
    IndexHandle handle = handles.get(index);
    handles.put(
        index,
        new IndexHandle(
            handle.number(),
            handle.signature(),
            io.divan.record.index.IndexState.DISABLED,
            Optional.empty(),
            Optional.empty()));
  }

  void put(Rec rec) {
    RecordType type = schema.requireType(rec.type());
    write(type, type.primaryKey(rec), Optional.of(rec));
  }

  void delete(String type, Key key) {
    RecordType of = schema.requireType(type);
    write(of, of.primaryKey(key), Optional.empty());
  }

  private void write(RecordType type, byte[] key, Optional<Rec> rec) {
    store.write(
        transaction -> {
          Optional<Rec> before = get(transaction, type, List.of(key)).getFirst();
          for (Index index : schema.indexesOf(type)) {
            change(transaction, index, key, before, rec);
          }
          if (rec.isPresent()) {
            transaction.put(
                space.table(), row(type, key), type.codec().encode(type, rec.get()));
          } else {
            transaction.delete(space.table(), row(type, key));
          }
          return true;
        });
  }

  /** Removes a record and leaves its rows. */
  void lose(String type, Key key) {
    RecordType of = schema.requireType(type);
    store.write(
        transaction -> {
          transaction.delete(space.table(), row(of, of.primaryKey(key)));
          return true;
        });
  }

  private void change(
      io.divan.storage.WriteTransaction transaction,
      Index index,
      byte[] key,
      Optional<Rec> before,
      Optional<Rec> after) {
    new IndexWriter(transaction, space)
        .change(
            handles.get(index.name()),
            key,
            before.map(rec -> contributions(index, key, rec)).orElse(List.of()),
            after.map(rec -> contributions(index, key, rec)).orElse(List.of()),
            List.of());
  }

  private List<Contribution> contributions(Index index, byte[] key, Rec rec) {
    return Contributions.of(index, schema.requireType(rec.type()), key, rec);
  }

  private byte[] row(RecordType type, byte[] key) {
    byte[] prefix = space.key(1, type.number());
    byte[] row = Arrays.copyOf(prefix, prefix.length + key.length);
    System.arraycopy(key, 0, row, prefix.length, key.length);
    return row;
  }

  /** Returns all records of a type. */
  List<Rec> all(RecordType type) {
    return store.read(
        transaction -> scan(
            transaction, type, IndexScan.KeyRange.all(), Optional.empty(), false, 10_000,
            1_000_000)
            .items().stream().map(IndexSource.Item::record).toList());
  }

  @Override
  public List<Optional<Rec>> get(
      ReadTransaction transaction, RecordType type, List<byte[]> primaryKeys) {
    gets++;
    List<byte[]> keys = primaryKeys.stream().map(key -> row(type, key)).toList();
    return transaction.getAll(space.table(), keys).stream()
        .map(bytes -> bytes.map(some -> type.codec().decode(type, some)))
        .toList();
  }

  @Override
  public IndexSource.Slice<Rec> scan(
      ReadTransaction transaction,
      RecordType type,
      IndexScan.KeyRange range,
      Optional<byte[]> after,
      boolean reverse,
      int rowsMax,
      int bytesMax) {
    scans++;
    byte[] end = range.end().orElse(new byte[] {-1});
    Range rest = Range.of(space.table(), row(type, range.begin()), row(type, end));
    rest = (reverse ? rest.reversed() : rest).limit(rowsMax);
    if (after.isPresent()) {
      rest = rest.after(row(type, after.get()));
    }
    List<IndexSource.Item<Rec>> items = new ArrayList<>();
    if (rest.isEmpty()) {
      return new IndexSource.Slice<>(items, NONE, true);
    }
    Page page = transaction.scan(rest);
    byte[] prefix = row(type, NONE);
    byte[] key = NONE;
    for (KeyValue row : page.rows()) {
      key = Arrays.copyOfRange(row.key(), prefix.length, row.key().length);
      items.add(new IndexSource.Item<>(key, type.codec().decode(type, row.value())));
    }
    return new IndexSource.Slice<>(items, key, page.stop() == Page.Stop.END);
  }

  @Override
  public Schema schema(ReadTransaction transaction) {
    return schema;
  }

  @Override
  public IndexHandle handle(ReadTransaction transaction, Index index) {
    return handles.get(index.name());
  }

  @Override
  public IndexSpace space() {
    return space;
  }

  Results run(Query query, ReadLimits limits, Optional<byte[]> continuation) {
    return run(query, limits, continuation, System::nanoTime);
  }

  Results run(
      Query query,
      ReadLimits limits,
      Optional<byte[]> continuation,
      java.util.function.LongSupplier clock) {
    return store.read(
        transaction -> QueryRun.run(transaction, this, query, limits, continuation, clock));
  }

  Explanation explain(Query query) {
    return store.read(transaction -> QueryRun.explain(transaction, this, query));
  }

}
