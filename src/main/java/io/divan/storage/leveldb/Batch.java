package io.divan.storage.leveldb;

import io.divan.storage.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iq80.leveldb.WriteBatch;

/** Operations that are written together. For one thread at a time. */
final class Batch implements WriteBatch {

  /** One operation: without a value the key is removed. */
  record Operation(byte[] key, Optional<byte[]> value) {}

  private final List<Operation> operations = new ArrayList<>();
  private long bytes;

  List<Operation> operations() {
    return operations;
  }

  /** Bytes by {@link Limits}' formula. */
  long bytes() {
    return bytes;
  }

  @Override
  public int getApproximateSize() {
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  @Override
  public int size() {
    return operations.size();
  }

  @Override
  public WriteBatch put(byte[] key, byte[] value) {
    return add(key.clone(), Optional.of(value.clone()));
  }

  @Override
  public WriteBatch delete(byte[] key) {
    return add(key.clone(), Optional.empty());
  }

  private WriteBatch add(byte[] key, Optional<byte[]> value) {
    operations.add(new Operation(key, value));
    bytes += Limits.writeBytes(key.length, value.map(some -> some.length).orElse(0));
    return this;
  }

  @Override
  public void close() {
    operations.clear();
    bytes = 0;
  }
}
