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

/** What the parts of the contract suite work on, and the words they are written in. */
public interface ContractFixture {

  Table ROWS = new Table(1, "rows");
  Table OTHERS = new Table(2, "others");

  /** The longest key that a layer accepts. */
  int LAYER_KEY_BYTES_MAX = Limits.ADAPTER_KEY_BYTES_MAX - TableKeys.PREFIX_BYTES_MAX;

  /** The checked adapter under test. */
  StorageAdapter adapter();

  /** The adapter under test, as its author wrote it. */
  StorageAdapter rawAdapter();

  /** The longest key that the adapter itself accepts: a layer's has less room than its base. */
  default int adapterKeyBytesMax() {
    return Limits.ADAPTER_KEY_BYTES_MAX;
  }

  /** The capabilities that the stores under test lack; their tests are aborted. */
  default Set<Class<? extends Capability>> lacks() {
    return Set.of();
  }

  /** An empty database of {@link #adapter()}, called {@code db}. */
  Store store();

  /** Closes the adapter and opens it again; returns the database {@code db}. */
  Store reopen();

  /** Bytes of a text of Latin-1 characters. */
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

  /** Every row of {@link #ROWS}, where they fit in one page. */
  static List<String> rows(Store store) {
    return rows(store, Range.all(ROWS));
  }

  /** Runs an action on another thread. */
  static <T> Future<T> start(Callable<T> action) {
    FutureTask<T> task = new FutureTask<>(action);
    Thread.startVirtualThread(task);
    return task;
  }

  /** Runs an action on another thread and waits for it, but not long where it waits for us. */
  static <T> Future<T> meanwhile(Callable<T> action) {
    Future<T> future = start(action);
    try {
      future.get(100, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return future; // a store with one writer lets it go on when we are done
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return future;
  }

  /** The result of an action, which must come soon; what it threw is thrown. */
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
