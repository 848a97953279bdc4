package io.divan.storage.leveldb.lsm;

import io.divan.storage.Lease;
import java.util.Optional;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Range;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.Snapshot;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.iq80.leveldb.impl.DbImpl;
import org.jspecify.annotations.Nullable;

/**
 * The engine, with its lease asked before a read and its errors made readable. Reads are answered
 * from memory as long as nobody else can have taken the lease.
 */
final class LsmDb implements DB {

  private static final ReadOptions READ = new ReadOptions();
  private static final WriteOptions WRITE = new WriteOptions();

  private final DbImpl engine;
  private final Optional<Lease> lease;
  private final String name;

  LsmDb(DbImpl engine, Optional<Lease> lease, String name) {
    this.engine = engine;
    this.lease = lease;
    this.name = name;
  }

  /** The lease of its directory, where it lies in a store. */
  Optional<Lease> lease() {
    return lease;
  }

  private void requireCurrent() {
    lease.ifPresent(Lease::requireCurrent);
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    return get(key, READ);
  }

  @Override
  public byte @Nullable [] get(byte[] key, ReadOptions options) {
    return LsmErrors.call(
        name,
        () -> {
          requireCurrent();
          return engine.get(key, options);
        });
  }

  @Override
  public DBIterator iterator() {
    return iterator(READ);
  }

  @Override
  public DBIterator iterator(ReadOptions options) {
    return LsmErrors.call(
        name,
        () -> {
          requireCurrent();
          return new LsmIterator(engine.iterator(options), this::requireCurrent, name);
        });
  }

  @Override
  public void put(byte[] key, byte[] value) {
    put(key, value, WRITE);
  }

  @Override
  public void delete(byte[] key) {
    delete(key, WRITE);
  }

  @Override
  public void write(WriteBatch updates) {
    write(updates, WRITE);
  }

  @Override
  public WriteBatch createWriteBatch() {
    return LsmErrors.call(name, engine::createWriteBatch);
  }

  @Override
  public @Nullable Snapshot put(byte[] key, byte[] value, WriteOptions options) {
    return LsmErrors.call(name, () -> engine.put(key, value, options));
  }

  @Override
  public @Nullable Snapshot delete(byte[] key, WriteOptions options) {
    return LsmErrors.call(name, () -> engine.delete(key, options));
  }

  @Override
  public @Nullable Snapshot write(WriteBatch updates, WriteOptions options) {
    return LsmErrors.call(name, () -> engine.write(updates, options));
  }

  @Override
  public Snapshot getSnapshot() {
    return LsmErrors.call(
        name,
        () -> {
          requireCurrent();
          return engine.getSnapshot();
        });
  }

  @Override
  public long[] getApproximateSizes(Range... ranges) {
    return LsmErrors.call(name, () -> engine.getApproximateSizes(ranges));
  }

  @Override
  public @Nullable String getProperty(String property) {
    return engine.getProperty(property);
  }

  @Override
  public void suspendCompactions() throws InterruptedException {
    engine.suspendCompactions();
  }

  @Override
  public void resumeCompactions() {
    engine.resumeCompactions();
  }

  @Override
  public void compactRange(byte @Nullable [] begin, byte @Nullable [] end) {
    LsmErrors.call(
        name,
        () -> {
          engine.compactRange(begin, end);
          return true;
        });
  }

  @Override
  public void close() {
    engine.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
