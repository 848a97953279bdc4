package io.divan.storage;

import static io.divan.storage.Capabilities.writeUnsynced;
import static io.divan.storage.ContractFixture.bytes;
import static io.divan.storage.ContractFixture.get;
import static io.divan.storage.ContractFixture.number;
import static io.divan.storage.ContractFixture.put;
import static io.divan.storage.ContractFixture.result;
import static io.divan.storage.ContractFixture.rows;
import static io.divan.storage.ContractFixture.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Unsynced writes behave as durable ones, except after a crash. */
interface UnsyncedContract extends ContractFixture {

  private Written<Boolean> putUnsynced(String key, String value) {
    return writeUnsynced(
        store(),
        t -> {
          put(t, key, value);
          return true;
        });
  }

  @Test
  default void writeUnsynced_returned_isVisible() throws InterruptedException {
    put(store(), "a=1");
    try (Watch watch = store().read(t -> t.watch(ROWS, bytes("b")))) {
      Written<Boolean> written = putUnsynced("b", "2");

      assertThat(written.result()).isTrue();
      assertThat(written.versionstamp()).isPresent();
      assertThat(rows(store())).containsExactly("a=1", "b=2");
      assertThat(watch.await(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  default void writeUnsynced_workThrows_writesNothing() {
    putUnsynced("a", "1");
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(
            () -> writeUnsynced(
                store(),
                t -> {
                  put(t, "a", "2");
                  throw new UnsupportedOperationException();
                }));
    assertThat(rows(store())).containsExactly("a=1");
  }

  @Test
  default void writeUnsynced_withinWork_isRefused() {
    Capability.UnsyncedWrites unsynced =
        Capabilities.of(store(), Capability.UnsyncedWrites.class);
    store()
        .read(
            t -> {
              assertThatIllegalStateException()
                  .isThrownBy(() -> unsynced.writeUnsynced(u -> true));
              return true;
            });
  }

  @Test
  default void writeUnsynced_stampedRows_inCommitOrder() {
    for (int i = 0; i < 20; i++) {
      int number = i;
      Function<WriteTransaction, Boolean> work =
          t -> {
            t.putStampedKey(ROWS, bytes(""), t.stamp(), bytes(""), bytes("" + number));
            return true;
          };
      if (i % 3 == 0) {
        store().write(work);
      } else {
        writeUnsynced(store(), work);
      }
    }
    List<KeyValue> found = store().read(t -> t.scan(Range.all(ROWS)).rows());
    for (int i = 0; i < 20; i++) {
      assertThat(found.get(i).value()).isEqualTo(bytes("" + i));
    }
  }

  @Test
  default void writeUnsynced_amongDurableWrites_isSerializable() {
    int threads = 8;
    int each = 25;
    List<Future<Boolean>> writers = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      boolean unsynced = thread % 2 == 0;
      writers.add(
          start(
              () -> {
                for (int i = 0; i < each; i++) {
                  if (unsynced) {
                    writeUnsynced(store(), UnsyncedContract::increment);
                  } else {
                    store().write(UnsyncedContract::increment);
                  }
                }
                return true;
              }));
    }
    writers.forEach(ContractFixture::result);
    assertThat(number(store().read(t -> t.get(ROWS, bytes("count"))))).isEqualTo(threads * each);
  }

  /** A read and a write, which conflict with those of other transactions. */
  private static boolean increment(WriteTransaction t) {
    long next = number(t.get(ROWS, bytes("count"))) + 1;
    t.put(ROWS, bytes("count"), number(next));
    return true;
  }

  @Test
  default void writeUnsynced_closedAndReopened_keepsEverything() {
    byte[] large = new byte[Limits.VALUE_BYTES_MAX];
    for (int i = 0; i < 25; i++) {
      Arrays.fill(large, (byte) i);
      byte[] value = large.clone();
      byte[] key = {(byte) i};
      writeUnsynced(
          store(),
          t -> {
            t.put(ROWS, key, value);
            t.put(OTHERS, key, bytes("small"));
            return true;
          });
    }
    putUnsynced("last", "1");

    Store again = reopen();

    assertThat(get(again, "last")).hasValue("1");
    for (int i = 0; i < 25; i++) {
      Arrays.fill(large, (byte) i);
      byte[] key = {(byte) i};
      assertThat(again.read(t -> t.get(ROWS, key)).orElseThrow()).isEqualTo(large);
    }
    assertThat(again.<List<KeyValue>>read(t -> t.scan(Range.all(OTHERS)).rows())).hasSize(25);
  }

  @Test
  default void writeUnsynced_replacedAndDeletedValues_areGone() {
    byte[] large = new byte[Limits.VALUE_BYTES_MAX];
    for (int round = 0; round < 10; round++) {
      byte[] value = large.clone();
      Arrays.fill(value, (byte) round);
      writeUnsynced(
          store(),
          t -> {
            t.put(ROWS, bytes("replaced"), value);
            t.put(ROWS, bytes("deleted"), value);
            return true;
          });
      writeUnsynced(
          store(),
          t -> {
            t.delete(ROWS, bytes("deleted"));
            return true;
          });
      Future<Boolean> durable = start(() -> put(store(), "durable=1").result());
      Optional<byte[]> replaced = store().read(t -> t.get(ROWS, bytes("replaced")));
      assertThat(replaced).hasValue(value);
      assertThat(result(durable)).isTrue();
    }
    assertThat(get(reopen(), "deleted")).isEmpty();
  }
}
