package io.divan.record.store;

import io.divan.record.Index;
import io.divan.record.RecordException;
import io.divan.record.index.IndexCatalog;
import io.divan.record.index.IndexHandle;
import io.divan.record.store.SchemaJson.Stored;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Versionstamp;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The schemas and the states of the indexes, as one transaction saw them. Current while the
 * configuration version is the same.
 *
 * @param version the configuration version
 * @param history the stored schemas, oldest first
 * @param catalog the indexes
 */
record Metadata(Versionstamp version, List<Stored> history, IndexCatalog catalog) {
  /** The format that this library writes. */
  static final int FORMAT = 1;

  /** Reads the metadata, with conflicts. */
  static Metadata load(ReadTransaction transaction, RecordKeys keys) {
    return load(transaction, keys, transaction.configVersion());
  }

  /** Reads the metadata that this transaction has changed, in the place of those. */
  static Metadata reload(ReadTransaction transaction, RecordKeys keys, Metadata before) {
    return load(transaction, keys, before.version());
  }

  private static Metadata load(
      ReadTransaction transaction, RecordKeys keys, Versionstamp version) {
    Range formatRow = Range.prefix(keys.space().table(), keys.format());
    List<Page> pages = transaction.scanAll(List.of(formatRow, keys.schemas()));
    pages.getFirst().rows().stream().findFirst().ifPresent(row -> checkFormat(row.value()));
    List<Stored> history = new ArrayList<>();
    Page page = pages.getLast();
    while (true) {
      for (KeyValue row : page.rows()) {
        history.add(SchemaJson.read(row.value()));
      }
      if (page.rest().isEmpty()) {
        return new Metadata(version, history, IndexCatalog.load(transaction, keys.space()));
      }
      page = transaction.scan(page.rest().get());
    }
  }

  /** Returns the row of the format. */
  static byte[] format() {
    return ByteBuffer.allocate(8).putInt(FORMAT).putInt(0).array();
  }

  private static void checkFormat(byte[] row) {
    if (row.length != 8) {
      throw new RecordException.Damaged("The format of the records cannot be read");
    }
    int major = ByteBuffer.wrap(row).getInt();
    if (major > FORMAT) {
      throw new RecordException.NewerFormat(major, FORMAT);
    }
  }

  /** Returns the newest stored schema, or empty if none was ever stored. */
  Optional<Stored> newest() {
    return history.isEmpty() ? Optional.empty() : Optional.of(history.getLast());
  }

  /** Returns the newest stored schema. */
  Stored stored() {
    return history.getLast();
  }

  /** Returns the state of an index of the current schema. */
  IndexHandle handle(Index index) {
    Optional<IndexHandle> handle =
        stored().indexNumber(index.name()).stream()
            .boxed()
            .findFirst()
            .flatMap(catalog::find);
    return handle.orElseThrow(
        () -> new RecordException.Damaged("Index " + index.name() + " has no state"));
  }

  /** Returns an index that may be read. */
  IndexHandle readable(Index index) {
    IndexHandle handle = handle(index);
    if (!handle.readable()) {
      throw new RecordException.IndexNotReady(
          switch (handle.state()) {
            case BUILDING -> "Index " + index.name() + " is being built";
            default ->
                "Index " + index.name() + " is disabled: "
                    + handle.problem().orElse("it is being removed");
          });
    }
    return handle;
  }
}
