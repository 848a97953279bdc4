package io.divan.record.store;

import io.divan.json.JsonValue;
import io.divan.record.Index;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.index.IndexCatalog;
import io.divan.record.index.IndexHandle;
import io.divan.record.store.SchemaJson.Stored;
import io.divan.storage.Page;
import io.divan.storage.WriteTransaction;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts a schema in the place of the stored one. */
record SchemaOpening(RecordKeys keys, Schema schema) {

  /** Returns whether the stored schema is this one. */
  boolean isStored(Metadata metadata) {
    return !metadata.history().isEmpty()
        && SchemaChange.isStored(schema, metadata.stored());
  }

  /**
   * Stores the schema, creates its new indexes, and drops what it lacks.
   *
   * @param metadata the metadata before
   * @return whether the schema differs from the stored one
   */
  boolean store(WriteTransaction transaction, Metadata metadata) {
    if (isStored(metadata)) {
      return false;
    }
    List<Stored> history = metadata.history();
    SchemaChange change =
        history.isEmpty()
            ? new SchemaChange(
                schema.indexes().stream().map(index -> Optional.<Integer>empty()).toList(),
                List.of(),
                List.of())
            : SchemaChange.of(history, schema);
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < schema.indexes().size(); i++) {
      Index index = schema.indexes().get(i);
      numbers.add(change.kept().get(i).orElseGet(() -> create(transaction, metadata, index)));
    }
    for (int number : change.droppedIndexes()) {
      IndexCatalog.drop(transaction, keys.space(), number);
    }
    for (int type : change.droppedTypes()) {
      transaction.put(keys.space().table(), keys.dropped(type), new byte[0]);
    }
    transaction.put(keys.space().table(), keys.format(), Metadata.format());
    store(transaction, numbers);
    return true;
  }

  /** Drops an index and creates it again. */
  boolean rebuild(WriteTransaction transaction, Index index) {
    Metadata metadata = Metadata.load(transaction, keys);
    if (!isStored(metadata)) {
      throw new RecordException.NewerSchema(metadata.stored().version(), schema.version());
    }
    int old = metadata.handle(index).number();
    int number = create(transaction, metadata, index);
    IndexCatalog.drop(transaction, keys.space(), old);
    store(
        transaction,
        schema.indexes().stream()
            .map(each -> each.equals(index) ? number : metadata.handle(each).number())
            .toList());
    return true;
  }

  private void store(WriteTransaction transaction, List<Integer> numbers) {
    transaction.put(
        keys.space().table(),
        keys.schema(schema.version()),
        SchemaJson.write(schema, numbers));
    transaction.bumpConfigVersion();
  }

  private int create(WriteTransaction transaction, Metadata metadata, Index index) {
    byte[] signature = signature(IndexJson.definition(schema, index));
    IndexHandle created =
        isEmpty(transaction, index)
            ? IndexCatalog.createReadable(transaction, keys.space(), signature)
            : IndexCatalog.create(
                transaction, keys.space(), signature, estimate(transaction, metadata, index));
    return created.number();
  }

  private boolean isEmpty(WriteTransaction transaction, Index index) {
    List<Page> pages =
        transaction.scanAll(
            index.types().stream()
                .map(type -> keys.records(schema.requireType(type).number()).limit(1))
                .toList());
    return pages.stream().allMatch(page -> page.rows().isEmpty());
  }

  /** Returns the number of records of an index, by counts of all records; 0 if unknown. */
  private long estimate(WriteTransaction transaction, Metadata metadata, Index index) {
    long sum = 0;
    for (String name : index.types()) {
      RecordType type = schema.requireType(name);
      JsonValue count =
          JsonValue.read(IndexJson.definition(schema, Index.count("", type.name())));
      Optional<Long> records =
          metadata.history().stream()
              .skip(Math.max(0, metadata.history().size() - 1))
              .flatMap(stored -> stored.indexes().stream())
              .filter(each -> each.definition().equals(count))
              .flatMap(each -> metadata.catalog().find(each.number()).stream())
              .filter(IndexHandle::readable)
              .findFirst()
              .map(handle -> SnapshotReader.counter(
                  transaction.snapshot(), keys.space(), handle.number(), new byte[0]));
      if (records.isEmpty()) {
        return 0;
      }
      sum += records.get();
    }
    return Math.max(0, sum);
  }

  private static byte[] signature(byte[] definition) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(definition);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
