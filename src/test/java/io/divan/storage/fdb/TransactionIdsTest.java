package io.divan.storage.fdb;

import static org.assertj.core.api.Assertions.assertThat;

import com.apple.foundationdb.Database;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When ids are cleared. */
class TransactionIdsTest {
  private final Database database = new SimulatedFoundationDb().open();
  private final Transactions transactions =
      new Transactions(database, Duration.ofSeconds(5), 10, TransactionListener.NONE,
          watches -> {});
  private final KeySpace keys = new KeySpace(new byte[] {0x15, 0x2A});
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));
  private final TransactionIds ids = new TransactionIds(keys, new Random(1), now::get);

  @AfterEach
  void close() {
    transactions.close();
    database.close();
  }

  /** The id of a transaction that has written it. */
  private TransactionIds.Id written() {
    TransactionIds.Id id = ids.next();
    database.run(
        transaction -> {
          transaction.set(id.key(), new byte[0]);
          return true;
        });
    return id;
  }

  private List<String> stored() {
    byte[] begin = keys.allTransactionIds();
    return database.read(
        transaction -> transaction.getRange(begin, KeySpace.afterPrefix(begin)).asList().join()
            .stream()
            .map(row -> HexFormat.of().formatHex(row.getKey()))
            .toList());
  }

  private static String hex(TransactionIds.Id id) {
    return HexFormat.of().formatHex(id.key());
  }

  @Test
  void clear_anEarlierIdInUse_keepsItAndAllAfterIt() {
    TransactionIds.Id first = written();
    TransactionIds.Id second = written();
    TransactionIds.Id third = written();
    ids.finished(first);
    ids.finished(third);
    ids.clear(transactions);
    assertThat(stored()).containsExactly(hex(second), hex(third));
    ids.finished(second);
    ids.clear(transactions);
    assertThat(stored()).isEmpty();
  }

  @Test
  void next_seriesIsOld_beginsAnotherAndClearsBoth() {
    TransactionIds.Id old = written();
    TransactionIds.Id done = written();
    now.set(now.get().plus(TransactionIds.SERIES));
    TransactionIds.Id young = written();
    ids.finished(done);
    ids.finished(young);
    ids.clear(transactions);
    assertThat(stored()).containsExactly(hex(old), hex(done));
    ids.finished(old);
    ids.clear(transactions);
    assertThat(stored()).isEmpty();
    assertThat(hex(young)).isGreaterThan(hex(old));
  }

  @Test
  void sweep_hourly_clearsOnlyOldIdsOfOthers() {
    TransactionIds other = new TransactionIds(keys, new Random(2), now::get);
    database.run(
        transaction -> {
          transaction.set(other.next().key(), new byte[0]);
          return true;
        });
    ids.sweep(transactions);
    assertThat(stored()).hasSize(1);
    now.set(now.get().plus(TransactionIds.OLD).plusSeconds(1));
    TransactionIds.Id mine = written();
    ids.sweep(transactions);
    assertThat(stored()).containsExactly(hex(mine));
  }
}
