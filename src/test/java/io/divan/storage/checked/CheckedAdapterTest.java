package io.divan.storage.checked;

import static io.divan.storage.Capabilities.estimatedBytes;
import static io.divan.storage.Capabilities.openSnapshot;
import static io.divan.storage.ContractFixture.bytes;
import static io.divan.storage.ContractFixture.put;
import static io.divan.storage.ContractFixture.range;
import static io.divan.storage.ContractFixture.result;
import static io.divan.storage.ContractFixture.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.divan.storage.ContractFixture;
import io.divan.storage.Limits;
import io.divan.storage.NameRange;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Snapshot;
import io.divan.storage.Stamp;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the decorator refuses, and how it counts; that it passes the rest on, the suite shows. */
@Timeout(30)
class CheckedAdapterTest {

  private static final Table ROWS = ContractFixture.ROWS;
  private static final Table OTHERS = ContractFixture.OTHERS;

  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final Store store = adapter.create("db", transaction -> {});

  @AfterEach
  void close() {
    adapter.close();
  }

  private boolean write(Consumer<WriteTransaction> work) {
    return store
        .write(
            t -> {
              work.accept(t);
              return true;
            })
        .result();
  }

  private static List<Consumer<ReadTransaction>> reads() {
    return List.of(
        t -> t.get(ROWS, bytes("a")),
        t -> t.getAll(ROWS, List.of(bytes("b"), bytes("a"))),
        t -> t.scan(range("a", "b")),
        t -> t.scanAll(List.of(range("x", "z"), range("a", "b"))),
        t -> t.watch(ROWS, bytes("a")).close(),
        ReadTransaction::configVersion);
  }

  private static List<Consumer<WriteTransaction>> writes() {
    List<Consumer<WriteTransaction>> uses = new ArrayList<>();
    reads().forEach(read -> uses.add(read::accept));
    uses.add(t -> t.put(ROWS, bytes("a"), bytes("")));
    uses.add(t -> t.delete(ROWS, bytes("a")));
    uses.add(t -> t.deleteRange(Range.all(ROWS)));
    uses.add(t -> t.add(ROWS, bytes("a"), 1));
    uses.add(WriteTransaction::stamp);
    uses.add(t -> t.putStampedKey(ROWS, bytes("a"), new Stamp(0), bytes(""), bytes("")));
    uses.add(t -> t.putStampedValue(ROWS, bytes("a"), bytes(""), new Stamp(0), bytes("")));
    uses.add(WriteTransaction::snapshot);
    uses.add(WriteTransaction::bumpConfigVersion);
    return uses;
  }

  @Test
  void transaction_afterItsWorkReturned_isRefused() {
    ReadTransaction read = store.read(t -> t);
    WriteTransaction write =
        store
            .write(
                t -> {
                  t.stamp();
                  return t;
                })
            .result();
    ReadTransaction snapshot = store.write(WriteTransaction::snapshot).result();
    for (Consumer<ReadTransaction> use : reads()) {
      assertThatIllegalStateException().isThrownBy(() -> use.accept(read));
      assertThatIllegalStateException().isThrownBy(() -> use.accept(snapshot));
    }
    for (Consumer<WriteTransaction> use : writes()) {
      assertThatIllegalStateException().isThrownBy(() -> use.accept(write));
    }
  }

  @Test
  void transaction_afterItsWorkThrew_isRefused() {
    List<WriteTransaction> kept = new ArrayList<>();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> store.write(
                t -> {
                  kept.add(t);
                  throw new IllegalArgumentException("of the work");
                }));
    assertThatIllegalStateException().isThrownBy(() -> put(kept.getFirst(), "a", "1"));
  }

  @Test
  void transaction_ofCreate_isRefusedAfterwards() {
    List<WriteTransaction> kept = new ArrayList<>();
    adapter.create("other", kept::add);
    assertThatIllegalStateException().isThrownBy(() -> put(kept.getFirst(), "a", "1"));
  }

  @Test
  void transaction_usedByAnotherThread_isRefused() {
    store.read(t -> refusedElsewhere(t, reads()));
    store.write(t -> refusedElsewhere(t, writes()) && refusedElsewhere(t.snapshot(), reads()));
    assertThat(ContractFixture.rows(store)).isEmpty();
  }

  private static <T> boolean refusedElsewhere(T transaction, List<Consumer<T>> uses) {
    for (Consumer<T> use : uses) {
      Future<Boolean> elsewhere =
          start(
              () -> {
                use.accept(transaction);
                return true;
              });
      assertThatIllegalStateException().isThrownBy(() -> result(elsewhere));
    }
    return true;
  }

  @Test
  void limits_everyKey_isChecked() {
    byte[] key = new byte[Limits.KEY_BYTES_MAX + 1];
    byte[] bound = new byte[Limits.KEY_BYTES_MAX + 2];
    List<Consumer<ReadTransaction>> reads =
        List.of(
            t -> t.get(ROWS, key),
            t -> t.getAll(ROWS, List.of(bytes("a"), key)),
            t -> t.scan(Range.from(ROWS, bound)),
            t -> t.scan(Range.of(ROWS, bytes(""), bound)),
            t -> t.scanAll(List.of(Range.all(ROWS), Range.from(ROWS, bound))),
            t -> t.watch(ROWS, key));
    store.read(t -> allExceed(t, reads, Limits.Limit.KEY));
    store.write(t -> allExceed(t.snapshot(), reads, Limits.Limit.KEY));
    try (Snapshot snapshot = openSnapshot(store)) {
      allExceed(snapshot, reads, Limits.Limit.KEY);
    }
    List<Consumer<WriteTransaction>> writes = new ArrayList<>();
    reads.forEach(read -> writes.add(read::accept));
    writes.add(t -> t.put(ROWS, key, bytes("")));
    writes.add(t -> t.delete(ROWS, key));
    writes.add(t -> t.deleteRange(Range.from(ROWS, bound)));
    writes.add(t -> t.add(ROWS, key, 1));
    writes.add(t -> t.putStampedValue(ROWS, key, bytes(""), t.stamp(), bytes("")));
    byte[] half = new byte[(Limits.KEY_BYTES_MAX - Versionstamp.LENGTH) / 2 + 1];
    writes.add(t -> t.putStampedKey(ROWS, half, t.stamp(), half, bytes("")));
    store.write(t -> allExceed(t, writes, Limits.Limit.KEY));
    assertThatExceptionOfType(StorageException.LimitExceeded.class)
        .isThrownBy(() -> estimatedBytes(store, Range.from(ROWS, bound)));
  }

  @Test
  void limits_everyValue_isChecked() {
    byte[] value = new byte[Limits.VALUE_BYTES_MAX + 1];
    byte[] half = new byte[(Limits.VALUE_BYTES_MAX - Versionstamp.LENGTH) / 2 + 1];
    List<Consumer<WriteTransaction>> writes =
        List.of(
            t -> t.put(ROWS, bytes("a"), value),
            t -> t.putStampedKey(ROWS, bytes("a"), t.stamp(), bytes(""), value),
            t -> t.putStampedValue(ROWS, bytes("a"), half, t.stamp(), half));
    store.write(t -> allExceed(t, writes, Limits.Limit.VALUE));
    assertThat(ContractFixture.rows(store)).isEmpty();
  }

  private static <T> boolean allExceed(T transaction, List<Consumer<T>> uses, Limits.Limit limit) {
    for (Consumer<T> use : uses) {
      assertThatExceptionOfType(StorageException.LimitExceeded.class)
          .isThrownBy(() -> use.accept(transaction))
          .satisfies(e -> assertThat(e.limit()).isEqualTo(limit))
          .satisfies(e -> assertThat(e.actual()).isGreaterThan(limit.max()));
    }
    return true;
  }

  @Test
  void limits_exactly_areAccepted() {
    byte[] key = new byte[Limits.KEY_BYTES_MAX];
    byte[] value = new byte[Limits.VALUE_BYTES_MAX];
    write(
        t -> {
          t.put(ROWS, key, value);
          t.get(ROWS, key);
          t.scan(Range.of(ROWS, bytes(""), key).after(key));
          byte[] rest = new byte[Limits.KEY_BYTES_MAX - Versionstamp.LENGTH];
          t.putStampedKey(OTHERS, bytes(""), t.stamp(), rest, value);
        });
    Page page = store.read(t -> t.scan(Range.all(OTHERS)));
    assertThat(page.rows().getFirst().key()).hasSize(Limits.KEY_BYTES_MAX);
  }

  @Test
  void bytes_everyOperation_countsByTheFormula() {
    Range range = range("abc", "b");
    write(
        t -> {
          long expected = 0;
          assertThat(size(t)).isEqualTo(expected);
          t.get(ROWS, bytes("abc"));
          assertThat(size(t)).isEqualTo(expected += 2 * 3 + 1 + 32);
          t.getAll(ROWS, List.of(bytes(""), bytes("ab")));
          assertThat(size(t)).isEqualTo(expected += 33 + 37);
          t.scan(range.limit(1));
          assertThat(size(t)).isEqualTo(expected += 4 + 32);
          t.scanAll(List.of(range, Range.from(ROWS, bytes("a")).reversed()));
          assertThat(size(t)).isEqualTo(expected += 36 + 33);
          t.put(ROWS, bytes("abc"), bytes("12345"));
          assertThat(size(t)).isEqualTo(expected += 5 + 3 * 3 + 64);
          t.delete(ROWS, bytes("abc"));
          assertThat(size(t)).isEqualTo(expected += 3 * 3 + 64);
          t.deleteRange(range);
          assertThat(size(t)).isEqualTo(expected += 4 + 32);
          t.add(ROWS, bytes("n"), 1);
          assertThat(size(t)).isEqualTo(expected += 8 + 3 + 64);
          Stamp stamp = t.stamp();
          t.putStampedKey(OTHERS, bytes("ab"), stamp, bytes("c"), bytes("1"));
          assertThat(size(t)).isEqualTo(expected += 1 + 3 * 15 + 64);
          t.putStampedValue(OTHERS, bytes("a"), bytes("1"), stamp, bytes("23"));
          assertThat(size(t)).isEqualTo(expected += 15 + 3 + 64);
          t.snapshot().get(ROWS, bytes("a"));
          t.snapshot().scan(range);
          t.watch(ROWS, bytes("a")).close();
          assertThat(size(t)).isEqualTo(expected);
        });
  }

  @Test
  void bytes_beyondTheLimit_isRefusedBeforeItIsWritten() {
    byte[] value = new byte[Limits.VALUE_BYTES_MAX];
    write(
        t -> {
          for (int i = 0; i < 89; i++) {
            t.put(ROWS, new byte[] {(byte) i}, value);
          }
          long before = size(t);
          assertThatExceptionOfType(StorageException.LimitExceeded.class)
              .isThrownBy(() -> put(t, "z", "1".repeat(100_000)))
              .satisfies(e -> assertThat(e.limit()).isEqualTo(Limits.Limit.TRANSACTION))
              .satisfies(e -> assertThat(e.actual()).isEqualTo(before + 100_067));
          assertThat(size(t)).isEqualTo(before);
          assertThat(t.get(ROWS, bytes("z"))).isEmpty();
        });
  }

  @Test
  void bytes_readsAlone_reachTheLimit() {
    byte[] key = new byte[Limits.KEY_BYTES_MAX];
    write(
        t -> {
          for (int i = 0; i < 9_000_000 / (2 * 8_192 + 33); i++) {
            t.get(ROWS, key);
          }
          assertThatExceptionOfType(StorageException.LimitExceeded.class)
              .isThrownBy(() -> t.get(ROWS, key))
              .satisfies(e -> assertThat(e.limit()).isEqualTo(Limits.Limit.TRANSACTION));
          t.snapshot().get(ROWS, key);
        });
    store.read(
        t -> {
          for (int i = 0; i < 1_000; i++) {
            t.get(ROWS, key);
          }
          return true;
        });
  }

  @Test
  void stamped_everyRead_isRefusedForGood() {
    write(
        t -> {
          t.putStampedValue(ROWS, bytes("a"), bytes(""), t.stamp(), bytes(""));
          t.put(ROWS, bytes("a"), bytes("1"));
          assertStamped(t);
        });
    write(
        t -> {
          t.putStampedKey(ROWS, bytes("a"), t.stamp(), bytes(""), bytes(""));
          t.deleteRange(Range.all(ROWS));
          t.delete(ROWS, bytes("a"));
          assertStamped(t);
        });
  }

  private static void assertStamped(WriteTransaction t) {
    for (Consumer<ReadTransaction> read : reads().subList(0, 5)) {
      assertThatIllegalStateException().isThrownBy(() -> read.accept(t));
      assertThatIllegalStateException().isThrownBy(() -> read.accept(t.snapshot()));
    }
    assertThatIllegalStateException().isThrownBy(() -> t.add(ROWS, bytes("a"), 1));
    assertThat(t.get(ROWS, bytes("b"))).isEmpty();
    assertThat(t.get(OTHERS, bytes("a"))).isEmpty();
    assertThat(t.scan(range("b", "c")).rows()).isEmpty();
    assertThat(t.scan(range("c", "a")).rows()).as("nothing is within").isEmpty();
  }

  @Test
  void stamped_keys_makeEverythingBehindTheirPrefixUnreadable() {
    write(
        t -> {
          for (String prefix : List.of("ba", "b\u00ff", "bab", "f", "c", "cc")) {
            t.putStampedKey(ROWS, bytes(prefix), t.stamp(), bytes("~"), bytes(""));
          }
          for (String key : List.of("ba", "ba\0", "babcd", "bazz", "b\u00ff1", "c", "cd", "f")) {
            assertThatIllegalStateException().isThrownBy(() -> t.get(ROWS, bytes(key)));
          }
          for (String key : List.of("", "b", "b\u00fe\u00ff", "bb", "d", "e\u00ff", "g")) {
            assertThat(t.get(ROWS, bytes(key))).isEmpty();
          }
          for (Range range : List.of(
              range("b", "bb"), range("", "f\0"), range("babb", "babc"), range("c!", "d"),
              Range.all(ROWS).limit(1), Range.all(ROWS).reversed().limit(1))) {
            assertThatIllegalStateException().isThrownBy(() -> t.scan(range));
          }
          for (Range range : List.of(range("", "ba"), range("bb", "b\u00ff"), range("d", "f"),
              range("g", "z"))) {
            assertThat(t.scan(range).rows()).isEmpty();
          }
        });
  }

  @Test
  void stamped_byAnEmptyPrefix_makesTheTableUnreadable() {
    write(
        t -> {
          t.putStampedKey(ROWS, bytes("a"), t.stamp(), bytes(""), bytes(""));
          t.putStampedKey(ROWS, bytes(""), t.stamp(), bytes(""), bytes(""));
          for (String key : List.of("", "\0", "b", "\u00ff")) {
            assertThatIllegalStateException().isThrownBy(() -> t.get(ROWS, bytes(key)));
          }
          assertThat(t.get(OTHERS, bytes("a"))).isEmpty();
        });
  }

  @Test
  void stamp_notOfThisTransaction_isRefused() {
    Stamp other = store.write(WriteTransaction::stamp).result();
    write(
        t -> {
          assertThatIllegalStateException()
              .isThrownBy(
                  () -> t.putStampedKey(ROWS, bytes("a"), other, bytes(""), bytes("")));
          t.stamp();
          assertThatIllegalStateException()
              .isThrownBy(
                  () -> t.putStampedValue(ROWS, bytes("a"), bytes(""), new Stamp(1), bytes("")));
          assertThat(t.get(ROWS, bytes("a"))).as("nothing was stamped").isEmpty();
        });
  }

  @Test
  void open_impossibleName_isNotFound() {
    for (String name : List.of("x".repeat(201), "/".repeat(67), "half a pair \uD83D")) {
      assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
          .isThrownBy(() -> adapter.open(name));
      assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
          .isThrownBy(() -> adapter.delete(name));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> adapter.create("\uD83D", t -> {}));
    assertThat(adapter.list(new NameRange("", Optional.empty(), false, 5))).containsExactly("db");
  }

  private static long size(WriteTransaction transaction) {
    return ((CheckedWriteTransaction) transaction).bytes();
  }
}
