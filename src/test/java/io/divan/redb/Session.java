package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.divan.redb.Model.Rows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Random operations in one write transaction. Each is also applied to a model, and the results are
 * compared. The model is unusable after an operation throws.
 */
final class Session {
  private static final int SAVEPOINTS_MAX = 4;

  private final WriteTxn transaction;
  private final SplittableRandom random;
  private final Data.Scale scale;
  private final Data data;
  private final Map<String, BytesTable<?, ?>> open = new HashMap<>();
  private final Deque<ModelSavepoint> savepoints = new ArrayDeque<>();
  private Model model;

  private record ModelSavepoint(WriteTxn.Savepoint savepoint, Model model) {}

  Session(WriteTxn transaction, Model before, SplittableRandom random, Data.Scale scale) {
    this.transaction = transaction;
    this.random = random;
    this.scale = scale;
    data = new Data(random, scale);
    model = before.copy();
  }

  /** Runs some operations and returns the expected content. */
  Model run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
    }
    while (!savepoints.isEmpty()) {
      endSavepoint();
    }
    return model;
  }

  /** Compares everything that the transaction sees with the model. */
  void check() {
    assertThat(transaction.tables()).isEqualTo(model.infos());
    model.tables.forEach(
        (name, rows) -> assertThat(rows.difference(table(name))).as(name).isEmpty());
  }

  void step() {
    int dice = random.nextInt(10_000);
    if (dice < 5_500) {
      put();
    } else if (dice < 5_550) {
      load();
    } else if (dice < 7_250) {
      remove();
    } else if (dice < 7_500) {
      removeRange();
    } else if (dice < 8_300) {
      get();
    } else if (dice < 8_900) {
      scan();
    } else if (dice < 9_080) {
      rename();
    } else if (dice < 9_100) {
      delete();
    } else if (dice < 9_400) {
      setSavepoint();
    } else if (dice < 9_800) {
      endSavepoint();
    } else if (dice < 9_900) {
      openWithOtherTypes();
    } else {
      changeUnderACursor();
    }
  }

  /** Puts a pair into a table, which is created if it does not exist. */
  void put(String name, byte[] key, byte[] value) {
    Rows rows = rows(name, ColumnType.BYTES, ColumnType.BYTES);
    assertThat(table(name).put(key, value)).isEqualTo(rows.map.put(key, value) != null);
  }

  private void put() {
    String name = data.name();
    Rows rows = rows(name, data.type(), data.type());
    byte[] key = random.nextInt(4) == 0 ? near(rows) : data.key(rows.key);
    byte[] value = data.value(rows.value);
    assertThat(table(name).put(key, value))
        .as("put of %s", Model.text(key))
        .isEqualTo(rows.map.put(key, value) != null);
    assertThat(table(name).length()).isEqualTo(rows.map.size());
  }

  /** Loads many rows with the same value, in key order or shuffled. */
  private void load() {
    String name = data.name();
    Rows rows = rows(name, data.type(), data.type());
    byte[] value = data.value(rows.value);
    int count = value.length > 2_000 ? 1 : random.nextInt(scale.rowsMax());
    NavigableSet<byte[]> keys = new TreeSet<>(rows.map.comparator());
    for (int i = 0; i < count; i++) {
      keys.add(data.key(rows.key));
    }
    List<byte[]> order = new ArrayList<>(random.nextBoolean() ? keys : keys.descendingSet());
    if (random.nextInt(3) == 0) {
      Collections.shuffle(order, new Random(random.nextLong()));
    }
    BytesTable<?, ?> table = table(name);
    for (byte[] key : order) {
      assertThat(table.put(key, value)).isEqualTo(rows.map.put(key, value) != null);
    }
    assertThat(table.length()).isEqualTo(rows.map.size());
  }

  private void remove() {
    existing()
        .ifPresent(
            name -> {
              Rows rows = model.tables.get(name);
              byte[] key = random.nextInt(4) > 0 ? near(rows) : data.key(rows.key);
              assertThat(table(name).remove(key))
                  .as("remove of %s", Model.text(key))
                  .isEqualTo(rows.map.remove(key) != null);
              assertThat(table(name).length()).isEqualTo(rows.map.size());
            });
  }

  private void removeRange() {
    existing()
        .ifPresent(
            name -> {
              Rows rows = model.tables.get(name);
              Bounds bounds = bounds(rows);
              NavigableMap<byte[], byte[]> gone = rows.range(bounds.from, bounds.to);
              long count = gone.size();
              gone.clear();
              assertThat(table(name).removeRange(bounds.from, bounds.to)).isEqualTo(count);
              assertThat(table(name).length()).isEqualTo(rows.map.size());
            });
  }

  private void get() {
    existing()
        .ifPresent(
            name -> {
              Rows rows = model.tables.get(name);
              byte[] key = random.nextBoolean() ? near(rows) : data.key(rows.key);
              Optional<byte[]> found = table(name).get(key);
              Optional<byte[]> wanted = Optional.ofNullable(rows.map.get(key));
              assertThat(found.isPresent()).isEqualTo(wanted.isPresent());
              found.ifPresent(value -> assertThat(value).isEqualTo(wanted.get()));
            });
  }

  private void scan() {
    existing()
        .ifPresent(
            name -> {
              Rows rows = model.tables.get(name);
              Bounds bounds = bounds(rows);
              boolean reverse = random.nextBoolean();
              assertThat(rows.difference(table(name), bounds.from, bounds.to, reverse))
                  .as("scan of %s, reverse %s", name, reverse)
                  .isEmpty();
            });
  }

  private void rename() {
    String from = data.name();
    String to = data.name();
    if (from.equals(to)) {
      return;
    }
    if (!model.tables.containsKey(from) || model.tables.containsKey(to)) {
      refused(RedbException.TableError.class, () -> transaction.rename(from, to));
      return;
    }
    transaction.rename(from, to);
    open.remove(from);
    model.tables.put(to, model.tables.remove(from));
  }

  private void delete() {
    String name = data.name();
    assertThat(transaction.delete(name)).isEqualTo(model.tables.remove(name) != null);
    open.remove(name);
  }

  private void setSavepoint() {
    if (savepoints.size() < SAVEPOINTS_MAX) {
      savepoints.push(new ModelSavepoint(transaction.savepoint(), model.copy()));
    }
  }

  private void endSavepoint() {
    if (savepoints.isEmpty()) {
      return;
    }
    ModelSavepoint latest = savepoints.pop();
    if (random.nextBoolean()) {
      transaction.release(latest.savepoint);
      return;
    }
    transaction.rollbackTo(latest.savepoint);
    model = latest.model;
    open.clear();
  }

  private void openWithOtherTypes() {
    existing()
        .ifPresent(
            name -> {
              Rows rows = model.tables.get(name);
              ColumnType<?> other =
                  rows.key == ColumnType.U64 ? ColumnType.BYTES : ColumnType.U64;
              TableDefinition<?, ?> wrong = new TableDefinition<>(name, other, rows.value);
              refused(
                  RedbException.TableError.class, () -> BytesTable.open(transaction, wrong));
            });
  }

  private void changeUnderACursor() {
    existing()
        .ifPresent(
            name -> {
              Rows rows = model.tables.get(name);
              if (rows.map.size() < 2) {
                return;
              }
              RowCursor<?, ?> cursor =
                  table(name).range(Optional.empty(), Optional.empty(), random.nextBoolean());
              assertThat(cursor.next()).isTrue();
              byte[] key = near(rows);
              byte[] value = data.value(rows.value);
              assertThat(table(name).put(key, value)).isEqualTo(rows.map.put(key, value) != null);
              refused(IllegalStateException.class, cursor::next);
            });
  }

  private static void refused(Class<? extends RuntimeException> wanted, Runnable call) {
    Throwable thrown = catchThrowable(call::run);
    // A disk with injected faults may fail here.
    if (thrown instanceof RedbException.Failed failed) {
      throw failed;
    }
    assertThat(thrown).isInstanceOf(wanted);
  }

  private record Bounds(Optional<byte[]> from, Optional<byte[]> to) {}

  /** Returns bounds of mostly a few rows; sometimes without a bound at one end or both. */
  private Bounds bounds(Rows rows) {
    byte[] from = random.nextBoolean() ? near(rows) : data.key(rows.key);
    byte[] to = from;
    int count = random.nextInt(random.nextInt(4) == 0 ? scale.rowsMax() : 12);
    for (byte[] key : rows.map.tailMap(from, true).keySet()) {
      if (count-- == 0) {
        break;
      }
      to = key;
    }
    int open = random.nextInt(200);
    return new Bounds(
        open < 2 ? Optional.empty() : Optional.of(from),
        open == 0 || open == 2 ? Optional.empty() : Optional.of(to));
  }

  /** Returns an existing key, if there is one. */
  private byte[] near(Rows rows) {
    byte[] key = data.key(rows.key);
    Map.Entry<byte[], byte[]> next = rows.map.ceilingEntry(key);
    if (next == null) {
      next = rows.map.firstEntry();
    }
    return next == null ? key : next.getKey();
  }

  private Optional<String> existing() {
    if (model.tables.isEmpty()) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>(model.tables.keySet());
    return Optional.of(names.get(random.nextInt(names.size())));
  }

  private Rows rows(String name, ColumnType<?> key, ColumnType<?> value) {
    return model.tables.computeIfAbsent(name, absent -> new Rows(key, value));
  }

  private BytesTable<?, ?> table(String name) {
    TableDefinition<?, ?> definition = model.tables.get(name).definition(name);
    return open.computeIfAbsent(name, absent -> BytesTable.open(transaction, definition));
  }
}
