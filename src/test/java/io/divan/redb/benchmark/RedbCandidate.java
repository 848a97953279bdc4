package io.divan.redb.benchmark;

import io.divan.redb.ReadTxn;
import io.divan.redb.ReadableTable;
import io.divan.redb.Redb;
import io.divan.redb.RedbTable;
import io.divan.redb.RowCursor;
import io.divan.redb.SharedPageCache;
import io.divan.redb.TableDefinition;
import io.divan.redb.WriteTxn;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code io.divan.redb}, through its public interfaces. */
final class RedbCandidate implements Candidate {

  private static final TableDefinition<byte[], byte[]> ROWS = TableDefinition.bytes("rows");

  @Override
  public String name() {
    return "redb";
  }

  @Override
  public Store open(Path directory, long cacheBytes, long unwrittenBytes, int readers) {
    return new RedbStore(
        Redb.open(
            directory.resolve("rows.redb"),
            new Redb.Options(true, new SharedPageCache(cacheBytes), unwrittenBytes)));
  }

  private static final class RedbStore implements Store {
    private final Redb database;
    private @Nullable WriteTxn transaction;
    private @Nullable RedbTable<byte[], byte[]> table;

    RedbStore(Redb database) {
      this.database = database;
    }

    @Override
    public void put(byte[] key, byte[] value) {
      if (table == null) {
        transaction = database.beginWrite();
        table = transaction.open(ROWS);
      }
      table.put(key, value);
    }

    @Override
    public void commit() {
      if (transaction != null) {
        transaction.commit();
        endTransaction();
      }
    }

    /** Each thread commits on its own and waits for its turn. */
    @Override
    public void putFromMany(byte[] key, byte[] value) {
      try (WriteTxn own = database.beginWrite()) {
        own.open(ROWS).put(key, value);
        own.commit();
      }
    }

    @Override
    public Reader reader() {
      return new RedbReader(database.beginRead());
    }

    @Override
    public void close() {
      endTransaction();
      database.close();
    }

    private void endTransaction() {
      if (transaction != null) {
        transaction.close();
        transaction = null;
        table = null;
      }
    }
  }

  private static final class RedbReader implements Reader {
    private final ReadTxn transaction;
    private final ReadableTable<byte[], byte[]> table;

    RedbReader(ReadTxn transaction) {
      this.transaction = transaction;
      table = transaction.open(ROWS);
    }

    @Override
    public void get(byte[] key, Tally tally) {
      table.get(key).ifPresent(tally::add);
    }

    @Override
    public void scan(byte[] from, long rowsMax, Tally tally) {
      RowCursor<byte[], byte[]> cursor = table.range(Optional.of(from), Optional.empty(), false);
      for (long i = 0; i < rowsMax && cursor.next(); i++) {
        tally.add(cursor.valueArray(), cursor.valueOffset(), cursor.valueLength());
      }
    }

    @Override
    public void close() {
      transaction.close();
    }
  }
}
