package io.divan.storage.checked;

import io.divan.storage.ReadTransaction;
import io.divan.storage.WriteTransaction;
import java.util.function.Function;

/** Runs the work of an adapter's transactions on checked transactions, and rejects nesting. */
final class CheckedWork {

  private final ScopedValue<Boolean> running = ScopedValue.newInstance();

  /** Throws if this thread is inside a transaction of this adapter. */
  void refuseNesting() {
    if (running.isBound()) {
      throw new IllegalStateException("The work of a transaction cannot start another transaction");
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
