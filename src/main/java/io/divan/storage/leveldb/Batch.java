package io.divan.storage.leveldb;

import io.divan.storage.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iq80.leveldb.WriteBatch;

/** A list of operations to write together. Used by one thread at a time. */
final class Batch implements WriteBatch {

  /** A single operation: sets a value, or deletes the key if the value is empty. */
  record Operation(byte[] key, Optional<byte[]> value) {}

  private final List<Operation> operations = new ArrayList<>();
  private long bytes;

  List<Operation> operations() {
    return operations;
  }

  /** Returns the size, computed as {@link Limits} does. */
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
