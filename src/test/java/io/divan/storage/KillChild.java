package io.divan.storage;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The process that {@link KillTest} kills. Its writers print every acknowledged transaction on
 * standard output. Each transaction writes {@link #ROWS} rows, increments a counter, and writes a
 * stamped row and its own number. Another thread creates and deletes databases. If the store has
 * {@link Capability.UnsyncedWrites}, one thread numbers rows in unsynced transactions, and another
 * one durably records how many of them it has seen.
 */
public final class KillChild {
  static final Table ROWS_TABLE = new Table(30, "kill_rows");
  static final Table COUNTS = new Table(31, "kill_counts");
  static final Table STAMPS = new Table(32, "kill_stamps");
  static final Table UNSYNCED = new Table(33, "kill_unsynced");
  static final Table SEEN = new Table(34, "kill_seen");
  static final String DATABASE = "killed";
  static final int WRITERS = 8;
  static final int ROWS = 3;
  static final byte[] COUNT = {0};
  static final byte[] UNSYNCED_COUNT = {2, 0, 0};

  private final OutputStream out = new FileOutputStream(FileDescriptor.out);

  private KillChild() {}

  /**
   * Runs until the process is killed.
   *
   * @param arguments the class that creates the adapter, with a no-argument constructor; the
   *     directory; a number that no other child uses
   */
  public static void main(String[] arguments) throws Exception {
    StorageAdapter adapter = factory(arguments[0]).apply(Path.of(arguments[1]));
    new KillChild().run(adapter, Integer.parseInt(arguments[2]));
  }

  @SuppressWarnings("unchecked")
  static Function<Path, StorageAdapter> factory(String className) throws Exception {
    return (Function<Path, StorageAdapter>) Class.forName(className).getDeclaredConstructor()
        .newInstance();
  }

  private void run(StorageAdapter adapter, int round) throws InterruptedException {
    Store store =
        adapter.list(NameRange.all()).contains(DATABASE)
            ? adapter.open(DATABASE)
            : adapter.create(DATABASE, transaction -> {});
    IntStream.range(0, WRITERS).forEach(w -> Thread.ofVirtual().start(() -> write(store, w)));
    store
        .capability(Capability.UnsyncedWrites.class)
        .ifPresent(
            unsynced -> {
              Thread.ofVirtual().start(() -> number(unsynced));
              Thread.ofVirtual().start(() -> see(store));
            });
    Thread.ofVirtual().start(() -> churn(adapter, round)).join();
  }

  private void write(Store store, int writer) {
    while (true) {
      int number = store.write(transaction -> writeOnce(transaction, writer)).result();
      say("W " + writer + " " + number);
    }
  }

  private static int writeOnce(WriteTransaction transaction, int writer) {
    int number =
        (int) number(transaction.get(COUNTS, new byte[] {1, (byte) writer}).orElse(new byte[8]));
    for (int row = 0; row < ROWS; row++) {
      transaction.put(ROWS_TABLE, key(writer, number, row), value(writer, number, row));
    }
    transaction.add(COUNTS, COUNT, 1);
    transaction.add(COUNTS, new byte[] {1, (byte) writer}, 1);
    Stamp stamp = transaction.stamp();
    transaction.putStampedKey(STAMPS, new byte[0], stamp, new byte[0], key(writer, number, 0));
    return number;
  }

  /** Adds numbered rows. A kill may cost the last ones, whose numbers are then used again. */
  private static void number(Capability.UnsyncedWrites unsynced) {
    while (true) {
      unsynced.writeUnsynced(
          transaction -> {
            int number = count(transaction);
            transaction.put(UNSYNCED, unsyncedKey(number), unsyncedValue(number));
            transaction.add(COUNTS, UNSYNCED_COUNT, 1);
            return number;
          });
    }
  }

  private void see(Store store) {
    while (true) {
      int seen =
          store
              .write(
                  transaction -> {
                    int count = count(transaction);
                    transaction.put(SEEN, COUNT, unsyncedKey(count));
                    return count;
                  })
              .result();
      say("S " + seen);
    }
  }

  private static int count(ReadTransaction transaction) {
    return (int) number(transaction.get(COUNTS, UNSYNCED_COUNT).orElse(new byte[8]));
  }

  static byte[] unsyncedKey(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  /** Returns some bytes, or sometimes as many as a value may have, determined by the number. */
  static byte[] unsyncedValue(int number) {
    Random random = new Random(number);
    byte[] value =
        new byte[random.nextInt(8) == 0 ? Limits.VALUE_BYTES_MAX : random.nextInt(3_000)];
    random.nextBytes(value);
    return value;
  }

  /** Creates and deletes databases. */
  private void churn(StorageAdapter adapter, int round) {
    for (int i = 0;; i++) {
      String name = "churn-" + round + "-" + i;
      adapter.create(
          name,
          transaction -> {
            transaction.put(ROWS_TABLE, key(0, 0, 0), value(0, 0, 0));
            transaction.put(ROWS_TABLE, key(0, 0, 1), value(0, 0, 1));
          });
      say("C " + name);
      if (i % 3 != 0) {
        say("B " + name);
        adapter.delete(name);
        say("D " + name);
      }
    }
  }

  private synchronized void say(String line) {
    try {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] key(int writer, int number, int row) {
    return new byte[] {
      (byte) writer, (byte) (number >> 16), (byte) (number >> 8), (byte) number, (byte) row
    };
  }

  /** Returns up to 3,000 bytes, determined by the key of the row. */
  static byte[] value(int writer, int number, int row) {
    Random random = new Random(writer * 1_000_003L + number * 31L + row);
    byte[] value = new byte[random.nextInt(3_000)];
    random.nextBytes(value);
    return value;
  }

  static long number(byte[] littleEndian) {
    return ByteBuffer.wrap(littleEndian).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }
}
