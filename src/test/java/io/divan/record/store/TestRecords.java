package io.divan.record.store;

import io.divan.record.Explanation;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordSpace;
import io.divan.record.RecordType;
import io.divan.record.Results;
import io.divan.record.Schema;
import io.divan.record.index.IndexCatalog;
import io.divan.record.query.QueryRun;
import io.divan.storage.Store;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** Records of a schema whose indexes grow, for tests of queries. */
final class TestRecords {
  private static final RecordSpace SPACE = RecordSpace.whole();

  private final Store store;
  private RecordStore records;

  TestRecords(Store store, Schema schema) {
    this.store = store;
    this.records = RecordStore.open(store, SPACE, schema);
  }

  /** Creates an index and builds it. */
  void add(Index index) {
    Schema schema = records.schema();
    records =
        RecordStore.open(
            store,
            SPACE,
            new Schema(
                schema.version() + 1,
                schema.types(),
                Stream.concat(schema.indexes().stream(), Stream.of(index)).toList(),
                schema.upgrades()));
    while (records.buildStep()) {
      // until it is built
    }
  }

  /** Makes queries ignore an index. */
  void disable(String index) {
    int number = records.index(index).number();
    store.write(
        transaction -> {
          IndexCatalog.disable(transaction, SPACE.indexes(), number, "for a test");
          return true;
        });
  }

  void put(Rec rec) {
    records.write(
        transaction -> {
          transaction.put(rec);
          return true;
        });
  }

  void delete(String type, Key key) {
    records.write(transaction -> transaction.delete(type, key));
  }

  /** Removes a record and leaves its rows in indexes. */
  void lose(String type, Key key) {
    RecordType of = records.schema().requireType(type);
    RecordKeys keys = new RecordKeys(SPACE.indexes());
    store.write(
        transaction -> {
          transaction.deleteRange(keys.record(of.number(), of.primaryKey(key)));
          return true;
        });
  }

  Results run(Query query, ReadLimits limits, Optional<byte[]> continuation) {
    return records.run(query, limits, continuation);
  }

  Results run(
      Query query, ReadLimits limits, Optional<byte[]> continuation, LongSupplier clock) {
    RecordReads reads = new RecordReads(new RecordKeys(SPACE.indexes()), records.schema());
    return store.read(
        transaction -> QueryRun.run(transaction, reads, query, limits, continuation, clock));
  }

  Explanation explain(Query query) {
    return records.explain(query);
  }
}
