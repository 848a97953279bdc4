package io.divan.storage.redb;

import io.divan.redb.ReadableTable;
import io.divan.redb.RedbException;
import io.divan.redb.RedbTable;
import io.divan.redb.TableDefinition;
import io.divan.redb.WriteTxn;
import io.divan.storage.StorageException;
import io.divan.storage.embedded.BaseGroup;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A write transaction of the engine, shared by the members of a group.
 *
 * <ol>
 *   <li>Once the engine has thrown, every operation throws the same exception again until {@link
 *       #restart}. A function that swallows the exception therefore writes nothing.
 *   <li>A transaction opens a table once. Going back to a mark forgets tables opened since.
 *   <li>Reading creates no table, except one whose creation was rolled back earlier.
 * </ol>
 */
final class RedbGroup extends BaseGroup implements RedbTables {

  /** A state of the transaction to go back to. */
  record Mark(WriteTxn.Savepoint savepoint, int tables) {}

  private record OpenTable(String name, RedbTable<byte[], byte[]> table) {}

  private final OpenRedb open;
  private final boolean durable;
  private final Runnable whenOver;
  private final List<OpenTable> tables = new ArrayList<>();
  private WriteTxn transaction;
  private @Nullable RuntimeException failure;

  /**
   * Begins a transaction. The file has no other write transaction.
   *
   * @param durable whether the commit is durable
   * @param whenOver called when the group and its transaction have ended
   */
  RedbGroup(
      OpenRedb open,
      WatchRegistry registry,
      StampClock stamps,
      CommitGate gate,
      boolean durable,
      Runnable whenOver) {
    super(registry, stamps, gate);
    this.open = open;
    this.durable = durable;
    this.whenOver = whenOver;
    try {
      this.transaction = open.redb().beginWrite();
    } catch (RedbException e) {
      throw RedbErrors.map(e, open.file());
    }
  }

  @Override
  public RedbWriteTransaction begin() {
    return new RedbWriteTransaction(this);
  }

  /** The exception that made this transaction unusable, if any. */
  Optional<RuntimeException> failure() {
    return Optional.ofNullable(failure);
  }

  /** Throws the exception that made this transaction unusable, if any. */
  void checkUsable() {
    if (failure != null) {
      throw failure;
    }
  }

  /** Records the exception, which makes the transaction unusable. */
  @Override
  public RuntimeException storageException(RedbException e) {
    failure = RedbErrors.map(e, open.file());
    return failure;
  }

  @Override
  public @Nullable ReadableTable<byte[], byte[]> readable(String name) {
    checkUsable();
    RedbTable<byte[], byte[]> known = find(name);
    return known == null && open.mayHave(name) ? writable(name) : known;
  }

  /** Returns a table, which is created if the file has none of that name. */
  RedbTable<byte[], byte[]> writable(String name) {
    checkUsable();
    RedbTable<byte[], byte[]> known = find(name);
    if (known != null) {
      return known;
    }
    open.willHave(name);
    RedbTable<byte[], byte[]> table = transaction.open(TableDefinition.bytes(name));
    tables.add(new OpenTable(name, table));
    return table;
  }

  private @Nullable RedbTable<byte[], byte[]> find(String name) {
    for (int i = 0; i < tables.size(); i++) {
      if (tables.get(i).name.equals(name)) {
        return tables.get(i).table;
      }
    }
    return null;
  }

  /** Runs an operation of the engine. Its exception makes the transaction unusable. */
  void run(Runnable operation) {
    try {
      operation.run();
    } catch (RedbException e) {
      throw storageException(e);
    }
  }

  /** Writes one of the adapter's own rows. */
  void write(RedbFileRow row, long number) {
    run(() -> row.write(writable(RedbFileRow.TABLE), number));
  }

  Mark mark() {
    try {
      return new Mark(transaction.savepoint(), tables.size());
    } catch (RedbException e) {
      throw storageException(e);
    }
  }

  void release(Mark mark) {
    run(() -> transaction.release(mark.savepoint));
  }

  void rollbackTo(Mark mark) {
    run(() -> transaction.rollbackTo(mark.savepoint));
    tables.subList(mark.tables, tables.size()).clear();
  }

  /** Undoes everything and begins another transaction. */
  void restart() {
    end();
    failure = null;
    run(() -> transaction = open.redb().beginWrite());
  }

  @Override
  protected long committedConfigVersion() {
    return open.config().value();
  }

  @Override
  protected void writeStampCeiling(long ceiling) {
    write(RedbFileRow.STAMP_CEILING, ceiling);
  }

  @Override
  protected void commitTransaction() {
    OpenRedb.ConfigVersion before = open.config();
    newConfigVersion()
        .ifPresent(
            version -> open.config(
                new OpenRedb.ConfigVersion(transaction.version(), version)));
    try {
      run(durable ? transaction::commit : transaction::commitWithoutSync);
    } catch (StorageException.StoreFull e) {
      open.config(before);
      throw e;
    }
  }

  @Override
  protected boolean isDurable() {
    return durable;
  }

  @Override
  protected void endAfterCommit() {
    abort(); // only ends the transaction, whose writes are committed
  }

  @Override
  public void abort() {
    end();
    whenOver.run();
  }

  private void end() {
    tables.clear();
    run(transaction::close);
  }

  /** Ends the transaction after a failure. */
  void giveUp() {
    try {
      end();
    } catch (StorageException e) {
      // The failure before this one is the one that is reported.
    }
  }
}
