package io.divan.storage.leveldb.lsm;

import io.divan.storage.Leases;
import io.divan.storage.Limits;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.TableKeys;
import io.divan.storage.TransactionListener;
import io.divan.storage.leveldb.LevelDbAdapter;
import io.divan.storage.leveldb.LevelDbEngine;

/** The contract of the backend with this engine over some base. */
abstract class LsmContract extends StorageContractTest {

  static StorageAdapter over(StorageAdapter base) {
    return over(
        base,
        LsmEngine.inStores(Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults()));
  }

  static StorageAdapter over(StorageAdapter base, LevelDbEngine engine) {
    return new LevelDbAdapter(
        base, engine, LevelDbAdapter.Options.defaults(), TransactionListener.NONE);
  }

  @Override
  public int adapterKeyBytesMax() {
    return Limits.ADAPTER_KEY_BYTES_MAX - TableKeys.PREFIX_BYTES_MAX;
  }
}
