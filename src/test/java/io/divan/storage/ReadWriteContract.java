package io.divan.storage;

import static io.divan.storage.ContractFixture.bytes;
import static io.divan.storage.ContractFixture.get;
import static io.divan.storage.ContractFixture.number;
import static io.divan.storage.ContractFixture.put;
import static io.divan.storage.ContractFixture.range;
import static io.divan.storage.ContractFixture.result;
import static io.divan.storage.ContractFixture.rows;
import static io.divan.storage.ContractFixture.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reads return the last write, within a transaction and after it. Failed transactions write none.
 */
interface ReadWriteContract extends ContractFixture {

  @Test
  default void get_absent_empty() {
    assertThat(get(store(), "absent")).isEmpty();
    put(store(), "a=1");
    assertThat(get(store(), "absent")).isEmpty();
    assertThat(store().<Optional<byte[]>>read(t -> t.get(OTHERS, bytes("a")))).isEmpty();
  }

  @Test
  default void put_overwritten_lastValue() {
    put(store(), "a=1", "b=1", "a=2");
    put(store(), "b=3");
    assertThat(rows(store())).containsExactly("a=2", "b=3");
  }

  @Test
  default void getAll_manyKeys_inTheirOrder() {
    put(store(), "a=1", "b=", "c=3");
    List<byte[]> keys = List.of(bytes("c"), bytes("x"), bytes("a"), bytes("c"), bytes("b"));
    List<String> values =
        store()
            .read(
                t -> t.getAll(ROWS, keys).stream()
                    .map(value -> value.map(ContractFixture::text).orElse("absent"))
                    .toList());
    assertThat(values).containsExactly("3", "absent", "1", "3", "");
    assertThat(store().<List<Optional<byte[]>>>read(t -> t.getAll(ROWS, List.of()))).isEmpty();
  }

  @Test
  default void put_everyKindOfKey_keepsByteOrder() {
    List<byte[]> keys = new ArrayList<>();
    for (String key : new String[] {
      "", "\0", "\0\0", "\0\u00ff", "\1", "a", "a\0", "a\0\u00ff", "ab", "a\u00ff", "b",
      "\u007f", "\u0080", "\u00fe", "\u00ff", "\u00ff\0", "\u00ff\u00ff"
    }) {
      keys.add(bytes(key));
    }
    byte[] longest = new byte[Limits.KEY_BYTES_MAX];
    Arrays.fill(longest, (byte) 0xFF);
    keys.add(longest);

    store()
        .write(
            t -> {
              keys.reversed().forEach(key -> t.put(ROWS, key, key));
              return true;
            });

    List<KeyValue> forwards = store().read(t -> t.scan(Range.all(ROWS)).rows());
    assertThat(forwards).extracting(KeyValue::key).containsExactlyElementsOf(keys);
    assertThat(forwards).extracting(KeyValue::value).containsExactlyElementsOf(keys);
    List<KeyValue> backwards = store().read(t -> t.scan(Range.all(ROWS).reversed()).rows());
    assertThat(backwards).extracting(KeyValue::key).containsExactlyElementsOf(keys.reversed());
    for (byte[] key : keys) {
      assertThat(store().<Optional<byte[]>>read(t -> t.get(ROWS, key))).hasValue(key);
    }
  }

  @Test
  default void put_emptyValue_notAbsent() {
    put(store(), "a=");
    assertThat(get(store(), "a")).hasValue("");
    assertThat(rows(store())).containsExactly("a=");
  }

  @Test
  default void put_largestRow_readBack() {
    byte[] key = new byte[Limits.KEY_BYTES_MAX];
    byte[] value = new byte[Limits.VALUE_BYTES_MAX];
    Arrays.fill(value, (byte) 7);
    store().write(t -> write(t, u -> u.put(ROWS, key, value)));
    assertThat(store().<Optional<byte[]>>read(t -> t.get(ROWS, key))).hasValue(value);
    store().write(t -> write(t, u -> u.delete(ROWS, key)));
    assertThat(rows(store())).isEmpty();
  }

  @Test
  default void arrays_modifiedByCaller_noEffect() {
    store()
        .write(
            t -> {
              byte[] key = bytes("key");
              byte[] value = bytes("value");
              t.put(ROWS, key, value);
              value[0] = '!';
              key[0] = '!';
              t.get(ROWS, bytes("key")).orElseThrow()[1] = '!';
              return true;
            });
    store().read(t -> t.get(ROWS, bytes("key")).orElseThrow()[2] = '!');
    store()
        .read(
            t -> {
              KeyValue row = t.scan(Range.all(ROWS)).rows().getFirst();
              row.key()[0] = '!';
              return row.value()[0] = '!';
            });
    assertThat(rows(store())).containsExactly("key=value");
  }

  @Test
  default void write_ownWrites_visible() {
    put(store(), "a=1", "b=2", "c=3", "d=4", "e=5");
    store()
        .write(
            t -> {
              put(t, "b", "new");
              put(t, "bb", "inserted");
              t.delete(ROWS, bytes("c"));
              t.delete(ROWS, bytes("absent"));
              t.add(ROWS, bytes("n"), 5);
              t.add(ROWS, bytes("n"), -2);
              t.deleteRange(range("d", "e"));
              t.put(OTHERS, bytes("c"), bytes("other"));

              assertThat(get(t, "a")).hasValue("1");
              assertThat(get(t, "b")).hasValue("new");
              assertThat(get(t, "c")).isEmpty();
              assertThat(get(t, "d")).isEmpty();
              assertThat(number(t.get(ROWS, bytes("n")))).isEqualTo(3);
              assertThat(t.getAll(ROWS, List.of(bytes("c"), bytes("bb"))))
                  .extracting(value -> value.map(ContractFixture::text).orElse("absent"))
                  .containsExactly("absent", "inserted");

              assertOwnWritesAreScanned(t);
              assertOwnWritesAreScanned(t.snapshot());
              return true;
            });
    assertThat(rows(store(), range("", "n")))
        .containsExactly("a=1", "b=new", "bb=inserted", "e=5");
  }

  private static void assertOwnWritesAreScanned(ReadTransaction t) {
    Range all = range("", "n");
    assertThat(rows(t.scan(all))).containsExactly("a=1", "b=new", "bb=inserted", "e=5");
    assertThat(rows(t.scan(all.limit(3)))).containsExactly("a=1", "b=new", "bb=inserted");
    assertThat(rows(t.scan(all.reversed().limit(2)))).containsExactly("e=5", "bb=inserted");
    List<Page> pages =
        t.scanAll(
            List.of(
                all.limit(2), all.reversed(), range("c", "e"), range("b", "c").reversed().limit(1),
                Range.all(OTHERS)));
    assertThat(pages)
        .extracting(ContractFixture::rows)
        .containsExactly(
            List.of("a=1", "b=new"),
            List.of("e=5", "bb=inserted", "b=new", "a=1"),
            List.of(),
            List.of("bb=inserted"),
            List.of("c=other"));
  }

  @Test
  default void write_putAfterDeleteRange_stays() {
    put(store(), "a=1", "b=1", "c=1");
    store()
        .write(
            t -> {
              t.deleteRange(Range.all(ROWS));
              put(t, "b", "2");
              assertThat(rows(t.scan(Range.all(ROWS)))).containsExactly("b=2");
              t.deleteRange(Range.prefix(ROWS, bytes("b")));
              put(t, "c", "3");
              return true;
            });
    assertThat(rows(store())).containsExactly("c=3");
  }

  @Test
  default void write_addAfterPutAndDelete_startsFromThem() {
    store()
        .write(
            t -> {
              t.put(ROWS, bytes("a"), number(10));
              t.add(ROWS, bytes("a"), 1);
              t.put(ROWS, bytes("b"), number(10));
              t.delete(ROWS, bytes("b"));
              t.add(ROWS, bytes("b"), 2);
              return true;
            });
    store()
        .write(
            t -> {
              t.deleteRange(Range.from(ROWS, bytes("b")));
              t.add(ROWS, bytes("a"), -20);
              t.add(ROWS, bytes("b"), 3);
              return true;
            });
    assertThat(number(value("a"))).isEqualTo(-9);
    assertThat(number(value("b"))).isEqualTo(3);
  }

  @Test
  default void add_overflow_wrapsAround() {
    store().write(t -> write(t, u -> u.put(ROWS, bytes("a"), number(Long.MAX_VALUE))));
    store().write(t -> write(t, u -> u.add(ROWS, bytes("a"), 1)));
    assertThat(number(value("a"))).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  default void add_valueOfAnotherLength_truncatedOrPadded() {
    put(store(), "short=\1", "long=\1\0\0\0\0\0\0\0\u00ff", "empty=");
    store()
        .write(
            t -> {
              t.add(ROWS, bytes("short"), 255);
              t.add(ROWS, bytes("long"), 255);
              t.add(ROWS, bytes("empty"), 256);
              return true;
            });
    assertThat(value("short")).hasValue(number(256));
    assertThat(value("long")).hasValue(number(256));
    assertThat(value("empty")).hasValue(number(256));
  }

  private Optional<byte[]> value(String key) {
    return store().read(t -> t.get(ROWS, bytes(key)));
  }

  private static boolean write(WriteTransaction transaction, Consumer<WriteTransaction> work) {
    work.accept(transaction);
    return true;
  }

  @Test
  default void add_fromManyThreads_noneLost() {
    List<Future<Boolean>> adders = new ArrayList<>();
    for (int thread = 0; thread < 8; thread++) {
      adders.add(
          start(
              () -> {
                for (int i = 1; i <= 25; i++) {
                  int delta = i;
                  store().write(t -> write(t, u -> u.add(ROWS, bytes("sum"), delta)));
                }
                return true;
              }));
    }
    adders.forEach(ContractFixture::result);
    assertThat(number(value("sum"))).isEqualTo(8 * 25 * 26 / 2);
  }

  @Test
  default void write_workThrows_rollsBack() {
    put(store(), "a=1", "b=2");
    IllegalArgumentException reason = new IllegalArgumentException("of the work");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () -> store()
                .write(
                    t -> {
                      put(t, "a", "changed");
                      put(t, "new", "row");
                      t.delete(ROWS, bytes("b"));
                      t.add(OTHERS, bytes("n"), 1);
                      t.putStampedValue(ROWS, bytes("s"), bytes(""), t.stamp(), bytes(""));
                      t.bumpConfigVersion();
                      throw reason;
                    }))
        .isSameAs(reason);
    assertThat(rows(store())).containsExactly("a=1", "b=2");
    assertThat(rows(store(), Range.all(OTHERS))).isEmpty();
    assertThat(rows(reopen())).containsExactly("a=1", "b=2");
  }

  @Test
  default void write_oneOfAGroupThrows_onlyItIsRolledBack() {
    List<Future<Boolean>> writers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String key = String.format("%02d", i);
      boolean fails = i % 3 == 0;
      writers.add(
          start(
              () -> store()
                  .write(
                      t -> {
                        put(t, key, "1");
                        t.add(OTHERS, bytes("n"), 1);
                        if (fails) {
                          throw new IllegalArgumentException("of the work");
                        }
                        return true;
                      })
                  .result()));
    }
    int failed = 0;
    for (Future<Boolean> writer : writers) {
      try {
        result(writer);
      } catch (IllegalArgumentException e) {
        failed++;
      }
    }
    assertThat(failed).isEqualTo(14);
    assertThat(rows(store())).hasSize(26).doesNotContain("00=1", "03=1", "39=1");
    Optional<byte[]> count = store().read(t -> t.get(OTHERS, bytes("n")));
    assertThat(number(count)).isEqualTo(26);
  }

  @Test
  default void read_workThrows_rethrown() {
    IllegalArgumentException reason = new IllegalArgumentException("of the work");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () -> store()
                .read(
                    t -> {
                      throw reason;
                    }))
        .isSameAs(reason);
    assertThat(rows(store())).isEmpty();
  }

  @Test
  default void reopen_committed_present() {
    put(store(), "a=1", "b=2", "c=3");
    store()
        .write(
            t -> {
              t.delete(ROWS, bytes("a"));
              t.put(OTHERS, bytes("x"), new byte[Limits.VALUE_BYTES_MAX]);
              t.add(ROWS, bytes("n"), 7);
              return true;
            });
    Store reopened = reopen();
    assertThat(rows(reopened, range("", "n"))).containsExactly("b=2", "c=3");
    reopened.write(t -> write(t, u -> u.add(ROWS, bytes("n"), 7)));
    Optional<byte[]> sum = reopened.read(t -> t.get(ROWS, bytes("n")));
    assertThat(number(sum)).isEqualTo(14);
    Optional<byte[]> large = reopened.read(t -> t.get(OTHERS, bytes("x")));
    assertThat(large).hasValue(new byte[Limits.VALUE_BYTES_MAX]);
  }

  @Test
  default void limits_exceeded_transactionUsable() {
    store()
        .write(
            t -> {
              for (Consumer<WriteTransaction> tooLarge : List.<Consumer<WriteTransaction>>of(
                  u -> u.put(ROWS, new byte[Limits.KEY_BYTES_MAX + 1], bytes("")),
                  u -> u.put(ROWS, bytes("a"), new byte[Limits.VALUE_BYTES_MAX + 1]),
                  u -> u.get(ROWS, new byte[Limits.KEY_BYTES_MAX + 1]))) {
                assertThatExceptionOfType(StorageException.LimitExceeded.class)
                    .isThrownBy(() -> tooLarge.accept(t));
              }
              put(t, "a", "1");
              return true;
            });
    assertThat(rows(store())).containsExactly("a=1");
  }

  @Test
  default void limits_largestTransaction_commits() {
    byte[] value = new byte[Limits.VALUE_BYTES_MAX];
    assertThatExceptionOfType(StorageException.LimitExceeded.class)
        .isThrownBy(() -> store().write(t -> putMany(t, value, 90)));
    assertThat(rows(store())).isEmpty();
    store().write(t -> putMany(t, value, 89));
    assertThat(countRows(store())).isEqualTo(89);
  }

  @Test
  default void limits_ofUncheckedAdapter_leaveRoomForALayer() {
    Store raw = rawAdapter().open("db");
    byte[] key = new byte[adapterKeyBytesMax()];
    raw.write(
        t -> {
          t.put(OTHERS, key, key);
          return putMany(t, new byte[Limits.VALUE_BYTES_MAX], 98);
        });
    assertThat(raw.<Optional<byte[]>>read(t -> t.get(OTHERS, key))).hasValue(key);
    assertThat(countRows(raw)).isEqualTo(98);
  }

  private static boolean putMany(WriteTransaction transaction, byte[] value, int count) {
    for (int i = 0; i < count; i++) {
      transaction.put(ROWS, new byte[] {(byte) i}, value);
    }
    return true;
  }

  private static int countRows(Store store) {
    BatchScan<byte[]> scan =
        store.scan(
            Range.all(ROWS),
            Range.NO_LIMIT,
            (t, rows) -> new BatchScan.Batch<>(rows.stream().map(KeyValue::key).toList(), rows
                .size()));
    int count = 0;
    while (scan.hasMore()) {
      count += scan.next().size();
    }
    return count;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  default void transaction_nested_refused(boolean inWrite) {
    List<Runnable> nested = new ArrayList<>();
    store()
        .capability(Capability.Snapshots.class)
        .ifPresent(snapshots -> nested.add(snapshots::openSnapshot));
    Collections.addAll(
        nested,
        () -> put(store(), "a=1"),
        () -> get(store(), "a"),
        () -> get(adapter().system(), "a"),
        () -> adapter().create("other", t -> {}),
        () -> adapter().delete("db"));
    for (Runnable misuse : nested) {
      assertThatIllegalStateException()
          .isThrownBy(
              () -> {
                if (inWrite) {
                  store().write(t -> write(t, u -> misuse.run()));
                } else {
                  store().read(t -> run(misuse));
                }
              });
    }
    put(store(), "b=2");
    assertThat(rows(store())).containsExactly("b=2");
  }

  private static boolean run(Runnable action) {
    action.run();
    return true;
  }
}
