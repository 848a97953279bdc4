package io.divan.storage.leveldb.lsm;

import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.redb.RedbAdapter;
import java.nio.file.Path;

/** With files in plain directories, and what says which is whose in redb's files beside them. */
class LsmFileContractTest extends LsmContract {
  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return over(
        new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE),
        LsmEngine.inDirectories(directory.resolve("leveldb")));
  }
}
