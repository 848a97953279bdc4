package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import java.util.OptionalLong;

/**
 * A group of members on an engine in this process that holds each table as a tree: one transaction
 * of the engine, and what is the same for all such engines about its commit. For one thread.
 *
 * <ol>
 *   <li>The number that no versionstamp exceeds is written by the transaction that raises it, and
 *       counts once that is durable.
 *   <li>Watches fire once the group is durable and visible.
 *   <li>Where there is no space, it is too large, or the database is being deleted, the transaction
 *       is undone here; after any other failure the engine is given up.
 * </ol>
 */
public abstract class TreeGroup implements WriterEngine.Group {

  /** What lets commits begin, and knows when they end. */
  public interface Gate {

    /** Of a file that nobody else knows. */
    Gate OPEN =
        new Gate() {
          @Override
          public void commitBegins() {}

          @Override
          public void commitEnds() {}
        };

    /**
     * Lets a commit begin; {@link #commitEnds} follows.
     *
     * @throws StorageException.DatabaseNotFound when the database is being deleted
     */
    void commitBegins();

    /** Whoever waits for the commit's end may go on. */
    void commitEnds();
  }

  public final WatchRegistry registry;
  final StampClock stamps;
  private final Gate gate;
  private final WatchRegistry.Touched touched = new WatchRegistry.Touched();
  private boolean wrote;
  private long version;

  /** Makes a group in which nobody has written. */
  protected TreeGroup(WatchRegistry registry, StampClock stamps, Gate gate) {
    this.registry = registry;
    this.stamps = stamps;
    this.gate = gate;
  }

  /** Writes, in the transaction, a number that no versionstamp of the file exceeds. */
  protected abstract void writeStampCeiling(long ceiling);

  /** Makes the transaction durable. */
  protected abstract void commitTransaction();

  /** The transaction is durable and watches have fired; ends the group. */
  protected abstract void committed();

  /** Whether a member has kept writes, which the next one must not undo. */
  public final boolean wrote() {
    return wrote;
  }

  /** A member's writes stay. */
  public final void kept(WatchRegistry.Touched keys, long memberVersion) {
    wrote = true;
    version = memberVersion;
    touched.add(keys);
  }

  @Override
  public final void commit() {
    OptionalLong ceiling = stamps.raisedCeiling(version);
    try {
      ceiling.ifPresent(this::writeStampCeiling);
      gate.commitBegins();
      try {
        commitTransaction();
      } finally {
        gate.commitEnds();
      }
    } catch (StorageException.StoreFull
        | StorageException.LimitExceeded
        | StorageException.DatabaseNotFound e) {
      abort();
      throw e;
    }
    ceiling.ifPresent(stamps::ceilingIs);
    registry.committed(touched);
    committed();
  }
}
