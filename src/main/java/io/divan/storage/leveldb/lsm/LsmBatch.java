package io.divan.storage.leveldb.lsm;

import java.io.IOException;
import org.iq80.leveldb.WriteBatch;

/**
 * A batch that copies keys and values, because the port keeps the arrays of its caller. Used by one
 * thread.
 */
final class LsmBatch implements WriteBatch {

  private final WriteBatch batch;

  LsmBatch(WriteBatch batch) {
    this.batch = batch;
  }

  WriteBatch batch() {
    return batch;
  }

  @Override
  public WriteBatch put(byte[] key, byte[] value) {
    batch.put(key.clone(), value.clone());
    return this;
  }

  @Override
  public WriteBatch delete(byte[] key) {
    batch.delete(key.clone());
    return this;
  }

  @Override
  public int getApproximateSize() {
    return batch.getApproximateSize();
  }

  @Override
  public int size() {
    return batch.size();
  }

  @Override
  public void close() throws IOException {
    batch.close();
  }
}
