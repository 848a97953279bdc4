package io.divan.document;

import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Snapshot;
import io.divan.storage.Store;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.util.Optional;
import java.util.function.Function;

/** A store that remembers the stamp of its last write. For one thread. */
final class RecordingStore implements Store {
  private final Store store;
  private Optional<Versionstamp> last = Optional.empty();

  RecordingStore(Store store) {
    this.store = store;
  }

  /** The stamp of the last write, nothing when it wrote nothing. */
  Optional<Versionstamp> last() {
    return last;
  }

  @Override
  public String name() {
    return store.name();
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> work) {
    return store.read(work);
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    Written<T> written = store.write(work);
    last = written.versionstamp();
    return written;
  }

  @Override
  public Snapshot openSnapshot() {
    return store.openSnapshot();
  }

  @Override
  public long sizeBytes() {
    return store.sizeBytes();
  }

  @Override
  public long estimatedBytes(Range range) {
    return store.estimatedBytes(range);
  }
}
