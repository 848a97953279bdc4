package io.divan.storage.redb;

import io.divan.redb.ColumnType;
import io.divan.redb.ReadTxn;
import io.divan.redb.ReadableTable;
import io.divan.redb.Redb;
import io.divan.redb.RedbException;
import io.divan.redb.RowCursor;
import io.divan.redb.TableDefinition;
import io.divan.redb.TableInfo;
import io.divan.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;

/**
 * Reads a database file of RouchDB, which must not have it open. Never changes the file. Its
 * tables:
 *
 * <pre>
 * docs         &amp;str: docid                        JSON: revision tree and sequence
 * rev_data     &amp;str: docid, U+0000, revision      JSON: body, whether deleted, attachments
 * changes      u64: sequence                      JSON: docid, whether deleted
 * local_docs   &amp;str: docid without _local/        JSON: the document
 * attachments  &amp;str: digest; or docid, U+0000, name  the bytes
 * metadata     &amp;str: "meta"                       JSON: not read
 * </pre>
 *
 * <p>For one thread.
 *
 * @see <a href="https://github.com/rubylab-app/rouchdb">RouchDB</a>, "Storage Layer"
 */
public final class RouchFile implements AutoCloseable {
  private static final String UNREADABLE = "The file cannot be read";
  private static final String FOREIGN = "The file is not a RouchDB database";

  private static final String DOCS_NAME = "docs";
  private static final TableDefinition<String, byte[]> DOCS = texts(DOCS_NAME);
  private static final TableDefinition<String, byte[]> REV_DATA = texts("rev_data");
  private static final TableDefinition<String, byte[]> LOCAL_DOCS = texts("local_docs");
  private static final TableDefinition<Long, byte[]> CHANGES =
      new TableDefinition<>("changes", ColumnType.U64, ColumnType.BYTES);
  private static final TableDefinition<String, byte[]> ATTACHMENTS = texts("attachments");
  private static final long CACHE_BYTES = 64_000_000;

  private final Path file;
  private final Redb redb;
  private final ReadTxn transaction;
  private final ReadableTable<String, byte[]> docs;
  private final ReadableTable<String, byte[]> revisions;
  private final ReadableTable<String, byte[]> locals;
  private final ReadableTable<Long, byte[]> changes;
  private final Optional<ReadableTable<String, byte[]>> attachments;

  private RouchFile(Path file, Redb redb, ReadTxn transaction) {
    this.file = file;
    this.redb = redb;
    this.transaction = transaction;
    docs = transaction.open(DOCS);
    revisions = transaction.open(REV_DATA);
    locals = transaction.open(LOCAL_DOCS);
    changes = transaction.open(CHANGES);
    boolean hasAttachments =
        transaction.tables().stream()
            .anyMatch(table -> table.name().equals(ATTACHMENTS.name()));
    attachments =
        hasAttachments ? Optional.of(transaction.open(ATTACHMENTS)) : Optional.empty();
  }

  private static TableDefinition<String, byte[]> texts(String name) {
    return new TableDefinition<>(name, ColumnType.STRING, ColumnType.BYTES);
  }

  /** Returns whether a file with these tables belongs to RouchDB. */
  static boolean isRouchFile(List<TableInfo> tables) {
    return tables.stream()
        .anyMatch(
            table -> table.name().equals(DOCS_NAME)
                && table.keyType().equals(ColumnType.STRING.name()));
  }

  /** Returns the exception for a RouchDB file that has the name of a database. */
  static StorageException refusal(Path file) {
    return new StorageException.StoreUnusable(
        file + " is a RouchDB file: run import " + file + " --database NAME",
        "The database's file is a RouchDB file: run import FILE --database NAME");
  }

  /**
   * Opens a file.
   *
   * @throws StorageException if it is not a RouchDB file, cannot be read, or is damaged
   */
  public static RouchFile open(Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new StorageException.StoreUnusable(file + " cannot be read", UNREADABLE);
    }
    try {
      Redb redb =
          Redb.open(new OverlayFile(file), file.toString(), new Redb.Options(false, CACHE_BYTES));
      try {
        ReadTxn transaction = redb.beginRead();
        if (!isRouchFile(transaction.tables())) {
          throw new StorageException.StoreUnusable(
              file + " is not a RouchDB database", FOREIGN);
        }
        return new RouchFile(file, redb, transaction);
      } catch (RuntimeException | Error e) {
        redb.close();
        throw e;
      }
    } catch (RedbException.TableError e) {
      throw new StorageException.StoreUnusable(
          file + " is not a RouchDB database: " + e.getMessage(), FOREIGN, e);
    } catch (RedbException e) {
      throw RedbErrors.map(e, file);
    } catch (IOException e) {
      throw new StorageException.StoreUnusable(
          file + " cannot be read: " + e, UNREADABLE, e);
    }
  }

  /** Returns the record of a document. */
  public Optional<byte[]> document(String id) {
    return mapped(() -> docs.get(id));
  }

  /** Returns the record of a revision's body. */
  public Optional<byte[]> body(String id, String revision) {
    return mapped(() -> revisions.get(id + '\0' + revision));
  }

  /** Returns the record of a change. */
  public Optional<byte[]> change(long sequence) {
    return mapped(() -> changes.get(sequence));
  }

  /** Returns the number of documents, including deleted ones. */
  public long documents() {
    return docs.length();
  }

  /** Returns the content of an attachment. */
  public Optional<byte[]> attachment(String key) {
    return attachments.flatMap(table -> mapped(() -> table.get(key)));
  }

  /** Passes all changes, in order, to the consumer: record and sequence. */
  public void changes(ObjLongConsumer<byte[]> consumer) {
    RowCursor<Long, byte[]> cursor = mapped(changes::range);
    while (mapped(cursor::next)) {
      consumer.accept(cursor.value(), cursor.key());
    }
  }

  /** Passes all documents to the consumer: id and record. */
  public void documents(BiConsumer<String, byte[]> consumer) {
    all(docs, consumer);
  }

  /** Passes all local documents to the consumer: id without its prefix, and JSON. */
  public void locals(BiConsumer<String, byte[]> consumer) {
    all(locals, consumer);
  }

  private void all(
      ReadableTable<String, byte[]> table, BiConsumer<String, byte[]> consumer) {
    RowCursor<String, byte[]> cursor = mapped(table::range);
    while (mapped(cursor::next)) {
      consumer.accept(cursor.key(), cursor.value());
    }
  }

  private <T> T mapped(Supplier<T> operation) {
    try {
      return operation.get();
    } catch (RedbException e) {
      throw RedbErrors.map(e, file);
    }
  }

  @Override
  public void close() {
    try {
      transaction.close();
      redb.close();
    } catch (RedbException e) {
      throw RedbErrors.map(e, file);
    }
  }
}
