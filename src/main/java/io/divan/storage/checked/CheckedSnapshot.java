package io.divan.storage.checked;

import io.divan.storage.Snapshot;

/** A snapshot that cannot be used once it is closed. */
final class CheckedSnapshot extends CheckedReads implements Snapshot {

  private final Snapshot snapshot;
  private boolean closed;

  CheckedSnapshot(Snapshot snapshot) {
    super(snapshot);
    this.snapshot = snapshot;
  }

  @Override
  void checkUse() {
    if (closed) {
      throw new IllegalStateException("The snapshot is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      snapshot.close();
    }
  }
}
