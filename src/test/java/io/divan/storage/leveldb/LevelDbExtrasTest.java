package io.divan.storage.leveldb;

import static io.divan.storage.Capabilities.estimatedBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.divan.storage.StorageException;
import io.divan.storage.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.Snapshot;
import org.junit.jupiter.api.Test;

/** Tests the features that a store adds to LevelDB. */
class LevelDbExtrasTest extends LevelDbFixture {

  @Test
  void keptSnapshot_isReadableUntilItExpires() throws IOException {
    LevelDbOptions keeping = options.keepSnapshots(Duration.ofMinutes(10));
    try (LevelDb kept = other("kept", keeping)) {
      put(kept, "a=1", "b=1", "c=1");
      Snapshot first = kept.getSnapshot();
      put(kept, "a=2", "d=2");
      Snapshot second = kept.getSnapshot();
      kept.delete(bytes("b"));
      put(kept, "a=3", "a=4");
      later(Duration.ofMinutes(9));
      ReadOptions atFirst = new ReadOptions().snapshot(first);
      ReadOptions atSecond = new ReadOptions().snapshot(second);
      assertThat(rows(kept, atFirst)).containsExactly("a=1", "b=1", "c=1");
      assertThat(rows(kept, atSecond)).containsExactly("a=2", "b=1", "c=1", "d=2");
      assertThat(get(kept, "a", atFirst)).hasValue("1");
      assertThat(get(kept, "d", atFirst)).isEmpty();
      assertThat(rows(kept)).containsExactly("a=4", "c=1", "d=2");

      first.close();
      assertThat(rows(kept, atSecond)).containsExactly("a=2", "b=1", "c=1", "d=2");
      later(Duration.ofMinutes(1));
      assertThatExceptionOfType(DBException.class)
          .isThrownBy(() -> rows(kept, atSecond))
          .withCauseInstanceOf(StorageException.SnapshotTooOld.class);
      put(kept, "e=1");
      assertThat(countKept("kept")).isZero();
    }
  }

  private long countKept(String name) {
    return estimatedBytes(adapter.open(name), io.divan.storage.Range.all(Rows.KEPT))
        + estimatedBytes(adapter.open(name), io.divan.storage.Range.all(Rows.SNAPSHOTS));
  }

  @Test
  void keptSnapshots_tooMany_areRejectedUntilTheOldestIsClosed() throws IOException {
    try (LevelDb kept = other("kept", options.keepSnapshots(Duration.ofMinutes(10)))) {
      Snapshot oldest = kept.getSnapshot();
      for (int i = 1; i < SnapshotRows.SNAPSHOTS_MAX; i++) {
        kept.getSnapshot().close();
      }
      assertThatExceptionOfType(DBException.class)
          .isThrownBy(kept::getSnapshot)
          .withMessage("The database keeps 32 snapshots, which is the maximum; close one first");
      oldest.close();
      kept.getSnapshot().close();
      assertThat(countKept("kept")).isZero();
    }
  }

  @Test
  void put_largestRowWithExpiryAndKeptSnapshots_isReadable() throws IOException {
    LevelDbOptions both =
        options.expiring(Optional.empty()).keepSnapshots(Duration.ofMinutes(10));
    try (LevelDb kept = other("both", both)) {
      byte[] key = new byte[8_184];
      byte[] value = new byte[99_991];
      kept.put(key, value, Duration.ofMinutes(5));
      Snapshot snapshot = kept.getSnapshot();
      kept.put(key, new byte[0]);
      ReadOptions then = new ReadOptions().snapshot(snapshot);
      assertThat(kept.get(key, then)).isEqualTo(value);
      assertThatExceptionOfType(DBException.class)
          .isThrownBy(() -> kept.put(key, new byte[99_992]));
      assertThatExceptionOfType(DBException.class)
          .isThrownBy(() -> kept.put(new byte[8_185], value));
    }
  }

  @Test
  void compareAndSet_replacesOnlyTheExpectedValue() {
    assertThat(db.compareAndSet(bytes("a"), Optional.of(bytes("0")), Optional.of(bytes("1"))))
        .isFalse();
    assertThat(db.compareAndSet(bytes("a"), Optional.empty(), Optional.of(bytes("1")))).isTrue();
    assertThat(db.compareAndSet(bytes("a"), Optional.empty(), Optional.of(bytes("2")))).isFalse();
    assertThat(db.compareAndSet(bytes("a"), Optional.of(bytes("1")), Optional.of(bytes("2"))))
        .isTrue();
    assertThat(rows(db)).containsExactly("a=2");
    assertThat(db.compareAndSet(bytes("a"), Optional.of(bytes("2")), Optional.empty())).isTrue();
    assertThat(rows(db)).isEmpty();
  }

  @Test
  void compareAndSet_concurrent_losesNoUpdate() throws InterruptedException {
    put(db, "n=0");
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.startVirtualThread(
              () -> {
                for (int added = 0; added < 25;) {
                  int seen = Integer.parseInt(get(db, "n").orElseThrow());
                  added +=
                      db.compareAndSet(
                          bytes("n"),
                          Optional.of(bytes("" + seen)),
                          Optional.of(bytes("" + (seen + 1))))
                              ? 1
                              : 0;
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(get(db, "n")).hasValue("100");
  }

  @Test
  void transact_severalOperations_areAtomic() {
    put(db, "alice=1000", "bob=0");
    assertThat(transfer(900)).isTrue();
    assertThat(transfer(900)).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(
            () -> db.transact(
                transaction -> {
                  transaction.put(bytes("alice"), bytes("gone"));
                  throw new IllegalStateException("mine");
                }))
        .withMessage("mine");
    assertThat(rows(db)).containsExactly("alice=100", "bob=900");
  }

  private boolean transfer(int amount) {
    return db.transact(
        transaction -> {
          int alice = number(transaction.get(bytes("alice")));
          if (alice < amount) {
            return false;
          }
          transaction.put(bytes("alice"), bytes("" + (alice - amount)));
          int bob = number(transaction.get(bytes("bob")));
          transaction.put(bytes("bob"), bytes("" + (bob + amount)));
          transaction.put(bytes("receipt"), bytes(""));
          assertThat(transaction.page(LevelDbCursor.all(), 10).rows()).hasSize(3);
          transaction.delete(bytes("receipt"));
          return true;
        });
  }

  private static int number(Optional<byte[]> value) {
    return Integer.parseInt(new String(value.orElseThrow(), StandardCharsets.ISO_8859_1));
  }

  @Test
  void expiredValue_isInvisibleAndSwept() throws IOException {
    assertThatIllegalStateException()
        .isThrownBy(() -> db.put(bytes("a"), bytes("1"), Duration.ofSeconds(1)));
    try (LevelDb expiring = other("expiring", options.expiring(Optional.empty()))) {
      put(expiring, "stays=1", "replaced=1");
      for (int i = 0; i < 600; i++) {
        expiring.put(bytes("session" + i), bytes("1"), Duration.ofSeconds(10 + i / 300));
      }
      expiring.put(bytes("replaced"), bytes("1"), Duration.ofSeconds(1));
      put(expiring, "replaced=2");
      later(Duration.ofMillis(9_999));
      assertThat(rows(expiring)).hasSize(602);
      later(Duration.ofMillis(1));
      assertThat(rows(expiring)).hasSize(302).contains("replaced=2", "stays=1");
      assertThat(get(expiring, "session0")).isEmpty();
      assertThat(expiring.sweep()).isEqualTo(300);
      later(Duration.ofSeconds(1));
      assertThat(expiring.sweep()).isEqualTo(300);
      assertThat(expiring.sweep()).isZero();
      assertThat(rows(expiring)).containsExactly("replaced=2", "stays=1");
      assertThat(
          estimatedBytes(adapter.open("expiring"), io.divan.storage.Range.all(Rows.DEADLINES)))
          .isZero();
    }
  }

  @Test
  void expiredValue_isSweptInTheBackground() throws IOException {
    LevelDbOptions swept = options.expiring(Optional.of(Duration.ofMillis(10)));
    try (LevelDb expiring = other("expiring", swept)) {
      expiring.put(bytes("a"), bytes("1"), Duration.ofSeconds(1));
      later(Duration.ofSeconds(1));
      Store behind = adapter.open("expiring");
      await().until(() -> estimatedBytes(behind, io.divan.storage.Range.all(Rows.ROWS)) == 0);
    }
  }

  @Test
  void page_cursorFromText_continues() {
    for (int i = 100; i < 130; i++) {
      put(db, "user:" + i + "=" + i);
    }
    put(db, "a=1", "user;=1", "z=1");
    LevelDbCursor users = LevelDbCursor.prefix(bytes("user:"));
    for (LevelDbCursor part : List.of(users, users.reversed())) {
      List<String> seen = new ArrayList<>();
      Optional<String> cursor = Optional.of(part.toString());
      while (cursor.isPresent()) {
        LevelDbPage page = db.page(LevelDbCursor.parse(cursor.get()), 7);
        assertThat(page.rows().size()).isLessThanOrEqualTo(7);
        page.rows().forEach(row -> seen.add(text(Map.entry(row.key(), row.value()))));
        cursor = page.next().map(LevelDbCursor::toString);
      }
      assertThat(part.reverse() ? seen.reversed() : seen)
          .hasSize(30)
          .isSorted()
          .startsWith("user:100=100");
    }
    try (DBIterator prefixed = db.iterator(LevelDbCursor.prefix(bytes("user:")))) {
      prefixed.seekToLast();
      assertThat(text(prefixed.peekNext())).isEqualTo("user:129=129");
      assertThat(text(prefixed.prev())).isEqualTo("user:128=128");
      prefixed.seek(bytes("a"));
      assertThat(rest(prefixed)).hasSize(30);
    }
  }

  @Test
  void parse_invalidText_isRejected() {
    String good = LevelDbCursor.between(bytes("a"), bytes("b")).reversed().toString();
    assertThat(LevelDbCursor.parse(good)).hasToString(good);
    for (int length = 0; length < good.length(); length++) {
      String cut = good.substring(0, length);
      assertThatIllegalArgumentException().isThrownBy(() -> LevelDbCursor.parse(cut));
    }
    for (String bad : List.of("?", good + "AA", "FQI")) {
      assertThatIllegalArgumentException().isThrownBy(() -> LevelDbCursor.parse(bad));
    }
  }
}
