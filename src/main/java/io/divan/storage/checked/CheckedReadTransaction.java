package io.divan.storage.checked;

import io.divan.storage.ReadTransaction;
import org.jspecify.annotations.Nullable;

/** A transaction that only the thread running its work can use, until the work has returned. */
class CheckedReadTransaction extends CheckedReads {

  /** The thread that runs the work; null once it has returned. */
  private @Nullable Thread owner = Thread.currentThread();

  CheckedReadTransaction(ReadTransaction transaction) {
    super(transaction);
  }

  final void end() {
    owner = null;
  }

  @Override
  final void checkUse() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException(
          "A transaction is used by the thread that runs its work only, until the work returns");
    }
  }
}
