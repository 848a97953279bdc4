package io.divan.storage.layer;

import io.divan.storage.Limits;
import io.divan.storage.WriteTransaction;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;
import io.divan.storage.embedded.WriterEngine;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The first rows of a layer's database, before its engine has it. For one thread. */
final class InitialRows extends OverlayGroup {

  InitialRows(StampClock stamps) {
    super(
        new WatchRegistry(WatchRegistry.WATCHES_MAX),
        stamps,
        Gate.OPEN,
        Base.EMPTY,
        Limits.ADAPTER_TRANSACTION_BYTES_MAX,
        0);
  }

  /**
   * Writes rows; what the work throws is thrown on.
   *
   * @return the bytes that the work wrote, by {@link Limits}' formula
   */
  long run(Consumer<WriteTransaction> work) {
    WriterEngine.Member member = begin();
    try {
      work.accept(member.transaction());
      member.keep();
      return member.bytes();
    } finally {
      registry.close(); // its watches are of a database that nobody has changed yet
    }
  }

  /** Writes them into the base store. */
  void writeTo(WriteTransaction transaction) {
    for (Map.Entry<byte[], Optional<byte[]>> row : overlay().entrySet()) {
      if (row.getValue().isPresent()) {
        transaction.put(LayerRows.INITIAL, row.getKey(), row.getValue().get());
      }
    }
  }

  @Override
  protected void writeStampCeiling(long ceiling) {}

  @Override
  protected void commitTransaction() {}

  @Override
  protected void committed() {}

  @Override
  public void abort() {}
}
