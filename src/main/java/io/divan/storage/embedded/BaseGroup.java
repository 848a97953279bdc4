package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import io.divan.storage.WriteTransaction;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * One engine transaction that the members of a group share, for engines in this process that hold
 * each table as a tree. For one thread.
 *
 * <ol>
 *   <li>A transaction writes the stamp ceiling, which no versionstamp exceeds, when it needs a
 *       higher one. The new ceiling is used once that transaction is durable; until then every
 *       transaction writes it again.
 *   <li>Watches fire once the group is committed and visible. A member that is rolled back may fire
 *       watches of the keys it wrote, which the contract of watches allows.
 *   <li>The configuration version that a member sees is the one it wrote itself, else the one a
 *       member before it kept, else the committed one.
 *   <li>If the disk is full, the group is too large, or the database is being deleted, {@link
 *       #commit} undoes the transaction. After any other failure the caller gives up the engine.
 * </ol>
 */
public abstract class BaseGroup implements WriterEngine.Group {

  /** Admits commits, and learns when they end. */
  public interface CommitGate {

    /** Admits every commit: for a file that no other thread uses. */
    CommitGate OPEN =
        new CommitGate() {
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

    /** Reports the end of the commit to threads that wait for it. */
    void commitEnds();
  }

  final WatchRegistry registry;
  final StampClock stamps;
  final WatchRegistry.Touched touched = new WatchRegistry.Touched();
  private final CommitGate gate;
  private boolean wrote;
  private long version;
  private OptionalLong newConfigVersion = OptionalLong.empty();

  /** Creates a group without writes. */
  protected BaseGroup(WatchRegistry registry, StampClock stamps, CommitGate gate) {
    this.registry = registry;
    this.stamps = stamps;
    this.gate = gate;
  }

  @Override
  public abstract BaseWriteTransaction begin();

  /** Returns the configuration version that the transaction began with. */
  protected abstract long committedConfigVersion();

  /** Writes the stamp ceiling in the transaction. */
  protected abstract void writeStampCeiling(long ceiling);

  /** Commits the transaction, durably if {@link #isDurable}. */
  protected abstract void commitTransaction();

  /** Returns whether the commit makes the transaction durable. */
  protected boolean isDurable() {
    return true;
  }

  /** Ends the group. The transaction is committed, and its watches have fired. */
  protected abstract void endAfterCommit();

  /** Returns whether a member has kept writes, which the next one must not undo. */
  public final boolean wrote() {
    return wrote;
  }

  /** The configuration version that members of this group have written and kept, if any. */
  protected final OptionalLong newConfigVersion() {
    return newConfigVersion;
  }

  final long configVersion() {
    return newConfigVersion.orElseGet(this::committedConfigVersion);
  }

  final void kept(long memberVersion, boolean configChanged) {
    wrote = true;
    version = memberVersion;
    if (configChanged) {
      newConfigVersion = OptionalLong.of(memberVersion);
    }
  }

  /**
   * Runs the work as the only member and commits, even if it wrote nothing: for a new file.
   *
   * @return the bytes that the work wrote, by {@link io.divan.storage.Limits}' formula
   */
  public final long commitInitial(Consumer<WriteTransaction> work) {
    BaseWriteTransaction member = begin();
    work.accept(member);
    if (member.keep().isEmpty()) {
      kept(stamps.next(), false);
    }
    commit();
    return member.bytes();
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
    if (isDurable()) {
      ceiling.ifPresent(stamps::ceilingIs);
    }
    registry.committed(touched);
    endAfterCommit();
  }
}
