package io.divan.storage.leveldb.lsm;

import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.LevelDbAdapter;
import io.divan.storage.leveldb.LevelDbEngine;
import io.divan.storage.redb.RedbAdapter;
import java.nio.file.Path;

/** Opens the backend with the LSM engine, for tests. */
final class Backend {

  private Backend() {}

  /** On a base that only this process uses. */
  static StorageAdapter over(StorageAdapter base) {
    return over(base, Leases.Options.exclusive("here"));
  }

  static StorageAdapter over(StorageAdapter base, Leases.Options leases) {
    return over(base, LsmEngine.inStores(leases, LsmLevelDb.Settings.defaults()));
  }

  private static StorageAdapter over(StorageAdapter base, LevelDbEngine engine) {
    return new LevelDbAdapter(
        base, engine, LevelDbAdapter.Options.defaults(), TransactionListener.NONE);
  }

  static StorageAdapter overRedb(Path directory) {
    return over(new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE));
  }

  /**
   * With files in plain directories; redb files record which directory belongs to which database.
   */
  static StorageAdapter inDirectories(Path directory) {
    return over(
        new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE),
        LsmEngine.inDirectories(directory.resolve("lsm")));
  }
}
