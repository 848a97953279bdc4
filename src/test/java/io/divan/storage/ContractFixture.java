package io.divan.storage;

import io.divan.storage.embedded.TableKeys;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The adapter under test and the helper methods that all parts of the contract suite use. */
public interface ContractFixture {

  Table ROWS = new Table(1, "rows");
  Table OTHERS = new Table(2, "others");

  /** The maximum length of a key in a layer. */
  int LAYER_KEY_BYTES_MAX = Limits.ADAPTER_KEY_BYTES_MAX - TableKeys.PREFIX_BYTES_MAX;

  /** The checked adapter under test. */
  StorageAdapter adapter();

  /** The adapter under test, without checks. */
  StorageAdapter rawAdapter();

  /** The maximum length of a key without checks. A layer accepts less than its base. */
  default int adapterKeyBytesMax() {
    return Limits.ADAPTER_KEY_BYTES_MAX;
  }

  /** The capabilities that the stores under test lack. Their tests are aborted. */
  default Set<Class<? extends Capability>> lacks() {
    return Set.of();
  }

  /** The database {@code db} of {@link #adapter()}, initially empty. */
  Store store();

  /** Closes and reopens the adapter. Returns the database {@code db}. */
  Store reopen();

  /** Encodes text in Latin-1. */
  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  static byte[] number(long number) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
  }

  static long number(Optional<byte[]> value) {
    return value
        .map(bytes -> ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong())
        .orElse(0L);
  }

  /** The range of keys from one text to another. */
  static Range range(String begin, String end) {
    return Range.of(ROWS, bytes(begin), bytes(end));
  }

  static void put(WriteTransaction transaction, String key, String value) {
    transaction.put(ROWS, bytes(key), bytes(value));
  }

  static Optional<String> get(ReadTransaction transaction, String key) {
    return transaction.get(ROWS, bytes(key)).map(ContractFixture::text);
  }

  /** Writes rows given as {@code key=value}, in one transaction. */
  static Written<Boolean> put(Store store, String... rows) {
    return store.write(
        transaction -> {
          for (String row : rows) {
            int equals = row.indexOf('=');
            put(transaction, row.substring(0, equals), row.substring(equals + 1));
          }
          return true;
        });
  }

  static Optional<String> get(Store store, String key) {
    return store.read(transaction -> get(transaction, key));
  }

  /** The rows as {@code key=value}. */
  static List<String> rows(Page page) {
    List<String> rows = new ArrayList<>();
    for (KeyValue row : page.rows()) {
      rows.add(text(row.key()) + "=" + text(row.value()));
    }
    return rows;
  }

  static List<String> rows(Store store, Range range) {
    return store.read(transaction -> rows(transaction.scan(range)));
  }

  /** Returns all rows of {@link #ROWS}, which must fit into one page. */
  static List<String> rows(Store store) {
    return rows(store, Range.all(ROWS));
  }

  /** Runs an action on another thread. */
  static <T> Future<T> start(Callable<T> action) {
    FutureTask<T> task = new FutureTask<>(action);
    Thread.startVirtualThread(task);
    return task;
  }

  /** Runs an action on another thread. Waits briefly, because it may wait for this thread. */
  static <T> Future<T> meanwhile(Callable<T> action) {
    Future<T> future = start(action);
    try {
      future.get(100, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return future; // in a store with one writer, it continues after this transaction
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return future;
  }

  /** Returns the result of an action within 20 s, or rethrows its exception. */
  static <T> T result(Future<T> future) {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException exception) {
        throw exception;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }
}
