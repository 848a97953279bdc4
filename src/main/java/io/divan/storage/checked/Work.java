package io.divan.storage.checked;

import io.divan.storage.ReadTransaction;
import io.divan.storage.WriteTransaction;
import java.util.function.Function;

/** Runs the work of one adapter's transactions, checked, and knows where it is running. */
final class Work {

  private final ScopedValue<Boolean> running = ScopedValue.newInstance();

  /** Throws where this adapter is running work on this thread. */
  void refuseNesting() {
    if (running.isBound()) {
      throw new IllegalStateException("A transaction's work uses nothing but its transaction");
    }
  }

  <T> T read(ReadTransaction transaction, Function<ReadTransaction, T> work) {
    CheckedReadTransaction checked = new CheckedReadTransaction(transaction);
    try {
      return ScopedValue.where(running, true).call(() -> work.apply(checked));
    } finally {
      checked.end();
    }
  }

  <T> T write(WriteTransaction transaction, Function<WriteTransaction, T> work) {
    CheckedWriteTransaction checked = new CheckedWriteTransaction(transaction);
    try {
      return ScopedValue.where(running, true).call(() -> work.apply(checked));
    } finally {
      checked.end();
    }
  }
}
