package io.divan.storage.redb;

import io.divan.redb.Redb;
import io.divan.redb.RedbException;
import io.divan.storage.WriteTransaction;
import io.divan.storage.embedded.BaseGroup;
import io.divan.storage.embedded.DiskErrors;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Creates a database file with its first transaction, without syncs. */
final class RedbFileCreator {

  private static final long CACHE_BYTES = 4_000_000;

  private RedbFileCreator() {}

  /** Creates the file. Returns the bytes that the work wrote. */
  static long write(
      Path draft,
      StampClock stamps,
      RandomGenerator random,
      Consumer<WriteTransaction> initialWork) {
    try (Redb redb =
        Redb.open(new DraftFile(draft), draft.toString(), new Redb.Options(true, CACHE_BYTES))) {
      return write(OpenRedb.empty(redb, draft), stamps, random.nextLong(), initialWork);
    } catch (RedbException e) {
      throw RedbErrors.map(e, draft);
    } catch (IOException e) {
      throw DiskErrors.of(draft, e, 0);
    }
  }

  private static long write(
      OpenRedb open, StampClock stamps, long incarnation, Consumer<WriteTransaction> initialWork) {
    WatchRegistry watches = new WatchRegistry(WatchRegistry.WATCHES_MAX);
    BaseGroup.CommitGate gate = BaseGroup.CommitGate.OPEN;
    RedbGroup group = new RedbGroup(open, watches, stamps, gate, true, () -> {});
    try {
      group.write(RedbFileRow.FORMAT, RedbFileRow.FORMAT_NOW);
      group.write(RedbFileRow.FILE_ID, incarnation);
      return group.commitInitial(initialWork);
    } catch (RuntimeException | Error e) {
      group.giveUp();
      throw e;
    } finally {
      watches.close();
    }
  }
}
