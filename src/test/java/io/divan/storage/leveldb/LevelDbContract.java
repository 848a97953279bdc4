package io.divan.storage.leveldb;

import io.divan.storage.Limits;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.TableKeys;
import io.divan.storage.TransactionListener;

/** The contract of the backend over some base. */
abstract class LevelDbContract extends StorageContractTest {

  static StorageAdapter over(StorageAdapter base) {
    return new LevelDbAdapter(
        base,
        ApiEngine.exclusive(),
        LevelDbAdapter.Options.defaults(),
        TransactionListener.NONE);
  }

  @Override
  public int adapterKeyBytesMax() {
    return Limits.ADAPTER_KEY_BYTES_MAX - TableKeys.PREFIX_BYTES_MAX;
  }
}
