package io.divan.storage.checked;

import io.divan.storage.ReadTransaction;
import org.jspecify.annotations.Nullable;

/** A transaction that can be used only by the thread of its work, until the work returns. */
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
          "A transaction can be used only by the thread of its work, until the work returns");
    }
  }
}
