package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordFeed;
import io.divan.record.RecordSpace;
import io.divan.record.RecordTransaction;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.Values;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexScrub;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Versionstamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Random changes of the records of a random schema that evolves, and of its indexes. The same seed
 * makes the same changes, in any store.
 */
final class RecordProgram {
  private static final int STEPS = 50;

  private Store store;
  private final Random random;
  private final ModelSchema model;
  private RecordStore records;

  /** Whether a step fails, as a crash before the commit does. */
  private static final class Crash extends RuntimeException {}

  RecordProgram(Store store, Random random) {
    this.store = store;
    this.random = random;
    this.model = new ModelSchema(random);
    this.records = open();
  }

  private RecordStore open() {
    return RecordStore.open(store, RecordSpace.whole(), model.schema());
  }

  void run() {
    for (int i = 0; i < STEPS; i++) {
      step();
    }
    finish();
  }

  /** Makes a random change. */
  void step() {
    int kind = random.nextInt(100);
    if (kind < 65) {
      change();
    } else if (kind < 73) {
      evolve();
    } else if (kind < 85) {
      records.buildStep();
    } else if (kind < 90) {
      records.clearStep();
    } else if (kind < 95) {
      records = open();
    } else {
      compare();
    }
  }

  /** Returns whether another store has the schema and the records of this program. */
  boolean isStateOf(Store other) {
    Optional<Schema> stored =
        other.read(transaction -> RecordStore.stored(transaction, RecordSpace.whole()));
    if (stored.isEmpty() || stored.get().version() != records.schema().version()) {
      return false;
    }
    RecordStore found = RecordStore.open(other, RecordSpace.whole(), records.schema());
    return model.types().stream()
        .filter(type -> records.schema().findType(type.name()).isPresent())
        .allMatch(type -> all(found, type).equals(List.copyOf(model.of(type).values())));
  }

  private static List<Rec> all(RecordStore found, RecordType type) {
    return found
        .run(Query.of(type.name()), ReadLimits.rows(1_000), Optional.empty())
        .records();
  }

  /** Continues in another store, which has the records of this program. */
  void continueIn(Store other) {
    store = other;
    records = open();
  }

  /** Builds and clears all there is, and compares everything. */
  void finish() {
    while (records.buildStep()) {
      // until all are built
    }
    while (records.clearStep()) {
      // until all are cleared
    }
    compare();
  }

  private void evolve() {
    RecordStore old = records;
    model.evolve();
    if (random.nextBoolean()) {
      evolveAndPut();
    }
    records = open();
    assertRefused(old);
  }

  /** Changes the schema and a record of it in one transaction. */
  private void evolveAndPut() {
    RecordType type = model.types().get(random.nextInt(model.types().size()));
    Rec rec = model.rec(type);
    try {
      records.write(
          transaction -> {
            transaction.evolve(model.schema());
            transaction.put(rec);
            return true;
          });
      model.of(type).put(id(type, rec), RecordCoder.checked(type, rec));
    } catch (RecordException.NotUnique | StorageException.LimitExceeded e) {
      // nothing has changed, neither the schema
    }
  }

  private static void assertRefused(RecordStore old) {
    try {
      old.read(reader -> reader.get(old.schema().types().getFirst().name(), Key.of("none")));
      assertThat(false).as("an older schema reads on").isTrue();
    } catch (RecordException.NewerSchema e) {
      assertThat(e).hasMessageContaining("Update the program");
    }
  }

  private static String id(RecordType type, Rec rec) {
    return HexFormat.of().formatHex(type.primaryKey(rec));
  }

  private static Key key(RecordType type, Rec rec) {
    return RecordType.key(type.primaryKey(rec));
  }

  private void change() {
    Map<String, TreeMap<String, Rec>> after = new HashMap<>();
    model.records.forEach((type, all) -> after.put(type, new TreeMap<>(all)));
    List<java.util.function.Consumer<RecordTransaction>> work = new ArrayList<>();
    boolean doubled = plan(after, work);
    boolean crash = random.nextInt(10) == 0;
    try {
      records.write(
          transaction -> {
            work.forEach(each -> each.accept(transaction));
            if (crash) {
              throw new Crash();
            }
            return true;
          });
      assertThat(doubled).as("inserted twice").isFalse();
      model.records.putAll(after);
      assertUnique();
    } catch (RecordException.NotUnique e) {
      Index.Value index = (Index.Value) records.schema().requireIndex(e.index());
      assertThat(index.unique()).isTrue();
      assertThat(records.index(e.index()).maintained()).isTrue();
    } catch (RecordException.AlreadyExists e) {
      assertThat(doubled).as("inserted twice").isTrue();
    } catch (StorageException.LimitExceeded e) {
      // an indexed text that is too long for a key
    } catch (Crash e) {
      // nothing was written
    }
  }

  /** Plans changes; returns whether a record is inserted that exists. */
  private boolean plan(
      Map<String, TreeMap<String, Rec>> after,
      List<java.util.function.Consumer<RecordTransaction>> work) {
    boolean doubled = false;
    for (int i = random.nextInt(5); i >= 0; i--) {
      RecordType type = model.types().get(random.nextInt(model.types().size()));
      TreeMap<String, Rec> all = after.getOrDefault(type.name(), new TreeMap<>());
      Rec rec = model.rec(type);
      if (!all.isEmpty() && random.nextBoolean()) {
        List<Rec> some = new ArrayList<>(all.values());
        Rec old = some.get(random.nextInt(some.size()));
        for (String field : type.key()) {
          rec = rec.with(field, old.value(field));
        }
      }
      Rec changed = rec;
      String id = id(type, rec);
      Optional<Rec> before = Optional.ofNullable(all.get(id));
      switch (random.nextInt(6)) {
        case 0 -> {
          work.add(
              transaction -> assertThat(transaction.delete(type.name(), key(type, changed)))
                  .isEqualTo(before.isPresent()));
          all.remove(id);
        }
        case 1 ->
            work.add(
                transaction -> assertThat(transaction.get(type.name(), key(type, changed)))
                    .isEqualTo(before));
        case 2 -> {
          work.add(transaction -> transaction.insert(changed));
          doubled |= before.isPresent();
          all.put(id, RecordCoder.checked(type, changed));
        }
        default -> {
          work.add(transaction -> transaction.put(changed));
          all.put(id, RecordCoder.checked(type, changed));
        }
      }
      records.schema().indexes().stream()
          .filter(index -> index instanceof Index.Count count && count.group().isEmpty())
          .filter(index -> index.types().contains(type.name()) && random.nextBoolean())
          .filter(index -> records.index(index.name()).readable())
          .forEach(index -> {
            int size = all.size();
            work.add(transaction -> assertThat(transaction.count(index.name()))
                .isEqualTo(size));
          });
    }
    return doubled;
  }

  private void assertUnique() {
    for (Index index : records.schema().indexes()) {
      if (index instanceof Index.Value value
          && value.unique()
          && value.fanOut().isEmpty()
          && records.index(value.name()).readable()) {
        RecordType type = records.schema().requireType(value.type());
        List<List<Object>> seen = new ArrayList<>();
        for (Rec rec : model.of(type).values()) {
          List<Object> columns = new ArrayList<>();
          value.columns().forEach(
              column -> rec.get(column.field()).ifPresent(columns::add));
          if (columns.size() == value.columns().size()) {
            assertThat(seen.stream().anyMatch(other -> Values.equal(other, columns)))
                .as("two records in unique index %s", value)
                .isFalse();
            seen.add(columns);
          }
        }
      }
    }
  }

  private void compare() {
    for (RecordType type : model.types()) {
      TreeMap<String, Rec> all = model.of(type);
      List<Rec> expected = new ArrayList<>(all.values());
      List<Key> keys = expected.stream().map(rec -> key(type, rec)).toList();
      List<Optional<Rec>> found =
          records.read(reader -> reader.getAll(type.name(), keys));
      assertThat(found).isEqualTo(expected.stream().map(Optional::of).toList());
      assertThat(all(records, type)).isEqualTo(expected);
    }
    for (Index index : records.schema().indexes()) {
      IndexHandle handle = records.index(index.name());
      if (handle.readable()) {
        IndexScrub.Found found = records.scrub(index.name(), random.nextBoolean());
        assertThat(found)
            .as("%s", index)
            .isEqualTo(new IndexScrub.Found(found.checked(), 0, 0, 0, 0, false));
        recount(index);
      }
    }
  }

  private void recount(Index index) {
    switch (index) {
      case Index.Count count ->
          groups(count, count.group()).forEach(
              (group, recs) -> {
                long counted =
                    records.read(
                        reader -> reader.count(count.name(), values(recs, count.group())));
                assertThat(counted).isEqualTo(recs.size());
              });
      case Index.Sum sum ->
          groups(sum, sum.group()).forEach(
              (group, recs) -> {
                long summed =
                    records.read(reader -> reader.sum(sum.name(), values(recs, sum.group())));
                assertThat(summed)
                    .isEqualTo(
                        recs.stream()
                            .mapToLong(
                                rec -> rec.get(sum.field()).isPresent()
                                    ? rec.number(sum.field())
                                    : 0)
                            .sum());
              });
      case Index.Versionstamp feed when !feed.history() -> feed(feed);
      default -> {}
    }
  }

  private Map<String, List<Rec>> groups(Index index, List<String> fields) {
    RecordType type = records.schema().requireType(index.types().getFirst());
    Map<String, List<Rec>> groups = new HashMap<>();
    for (Rec rec : model.of(type).values()) {
      String group = Arrays.deepToString(values(List.of(rec), fields));
      groups.computeIfAbsent(group, none -> new ArrayList<>()).add(rec);
    }
    return groups;
  }

  private static @Nullable Object[] values(List<Rec> recs, List<String> fields) {
    return fields.stream().map(field -> recs.getFirst().value(field)).toArray();
  }

  private void feed(Index.Versionstamp feed) {
    List<RecordFeed.Change> changes =
        records.feed(feed.name()).since(Versionstamp.ZERO, 10_000);
    assertThat(changes).isSortedAccordingTo(
        java.util.Comparator.comparing(RecordFeed.Change::stamp));
    List<String> live =
        changes.stream()
            .filter(change -> !change.deleted())
            .map(change -> change.type() + change.key())
            .toList();
    List<String> expected = new ArrayList<>();
    for (String name : feed.types()) {
      RecordType type = records.schema().requireType(name);
      model.of(type).values().forEach(rec -> expected.add(name + key(type, rec)));
    }
    assertThat(live).containsExactlyInAnyOrderElementsOf(expected);
  }
}
