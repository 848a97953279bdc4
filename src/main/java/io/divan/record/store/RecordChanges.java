package io.divan.record.store;

import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordTransaction;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.index.Contribution;
import io.divan.record.index.IndexException;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexWriter;
import io.divan.record.index.IndexWriter.Change;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.WriteTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The changes of one transaction. For use by one thread.
 *
 * <ol>
 *   <li>Puts and deletes are staged. Reads see the staged records.
 *   <li>A flush reads the stored chunks of all staged records and what their indexes need, in one
 *       round trip, and writes what differs. Records that the work has read are not read again.
 *   <li>A flush runs before the commit, and before a read of an index.
 *   <li>A change of the schema flushes, stores the schema, and continues with it. The transaction's
 *       configuration version cannot be read any more, so the metadata are kept.
 *   <li>A record that is put unchanged touches nothing, unless an older version of the schema
 *       wrote it.
 * </ol>
 */
final class RecordChanges extends SnapshotReader implements RecordTransaction {
  /** The most bytes of chunks kept of records that the work has read. */
  private static final long KEPT_BYTES_MAX = 8_000_000;

  private record Id(RecordType type, byte[] primaryKey) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Id(RecordType otherType, byte[] otherKey)
          && type.number() == otherType.number()
          && Arrays.equals(primaryKey, otherKey);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(primaryKey) + type.number();
    }
  }

  /**
   * A staged change.
   *
   * @param rec the record, or empty to delete it
   * @param chunks its chunks
   * @param insert whether it must not be stored yet
   * @param indexed what it contributes
   */
  private record Staged(
      Optional<Rec> rec, List<byte[]> chunks, boolean insert, List<Indexed> indexed) {}

  /** What a record contributes to an index. */
  private record Indexed(Index index, IndexHandle handle, List<Contribution> contributions) {}

  private final WriteTransaction transaction;
  private final IndexWriter writer;
  private final Map<Id, Staged> staged = new LinkedHashMap<>();

  /** The chunks of records as this transaction has them, none for missing records. */
  private final Map<Id, List<byte[]>> stored = new HashMap<>();

  private long keptBytes;

  RecordChanges(RecordReads reads, WriteTransaction transaction) {
    super(reads, transaction);
    this.transaction = transaction;
    this.writer = new IndexWriter(transaction, reads.space());
  }

  @Override
  public void evolve(Schema schema) {
    SchemaCheck.check(schema);
    flush();
    Metadata before = reads().metadata(transaction);
    if (new SchemaOpening(reads().keys(), schema).store(transaction, before)) {
      use(reads().after(transaction, schema, before));
    }
  }

  @Override
  public void put(Rec rec) {
    stage(rec, false);
  }

  @Override
  public void insert(Rec rec) {
    stage(rec, true);
  }

  private void stage(Rec rec, boolean insert) {
    RecordType type = schema().requireType(rec.type());
    Rec checked = RecordCoder.checked(type, rec);
    byte[] primaryKey = type.primaryKey(checked);
    Id id = new Id(type, primaryKey);
    Staged before = staged.get(id);
    List<byte[]> known = stored.get(id);
    boolean exists = before != null ? before.rec().isPresent() : known != null && !known.isEmpty();
    if (insert && exists) {
      throw new RecordException.AlreadyExists(type.name(), RecordType.key(primaryKey));
    }
    boolean absent = before == null ? insert && known == null : before.insert();
    List<byte[]> chunks = reads().coder().encode(type, checked);
    staged.put(
        id, new Staged(Optional.of(checked), chunks, absent, contributions(id, checked)));
  }

  /** Returns what a new record contributes to each maintained index. */
  private List<Indexed> contributions(Id id, Rec rec) {
    List<Indexed> all = new ArrayList<>();
    for (Index index : schema().indexesOf(id.type())) {
      IndexHandle handle = reads().metadata(transaction).handle(index);
      if (handle.maintained()) {
        all.add(
            new Indexed(
                index, handle, Contributions.of(index, id.type(), id.primaryKey(), rec)));
      }
    }
    return all;
  }

  private List<Indexed> deletions(Id id) {
    List<Indexed> all = new ArrayList<>();
    for (Index index : schema().indexesOf(id.type())) {
      IndexHandle handle = reads().metadata(transaction).handle(index);
      if (handle.maintained()) {
        all.add(
            new Indexed(
                index, handle, Contributions.ofDeleted(index, id.type(), id.primaryKey())));
      }
    }
    return all;
  }

  @Override
  public boolean delete(String type, Key key) {
    RecordType of = schema().requireType(type);
    byte[] primaryKey = of.primaryKey(key);
    boolean exists = getAll(of, List.of(primaryKey)).getFirst().isPresent();
    if (exists) {
      Id id = new Id(of, primaryKey);
      Staged before = staged.get(id);
      boolean insert = before != null && before.insert();
      staged.put(id, new Staged(Optional.empty(), List.of(), insert, deletions(id)));
    }
    return exists;
  }

  @Override
  List<Optional<Rec>> getAll(RecordType type, List<byte[]> primaryKeys) {
    List<Id> ids = primaryKeys.stream().map(key -> new Id(type, key)).toList();
    Map<Id, List<byte[]>> read = new HashMap<>();
    List<Id> missing =
        ids.stream()
            .filter(id -> !staged.containsKey(id) && !stored.containsKey(id))
            .distinct()
            .toList();
    if (!missing.isEmpty()) {
      List<List<byte[]>> chunks =
          reads().chunks(transaction, missing.stream().map(this::range).toList(), List.of());
      for (int i = 0; i < missing.size(); i++) {
        read.put(missing.get(i), chunks.get(i));
        keep(missing.get(i), chunks.get(i));
      }
    }
    List<Optional<Rec>> found = new ArrayList<>(ids.size());
    for (Id id : ids) {
      Staged change = staged.get(id);
      if (change != null) {
        found.add(change.rec());
      } else {
        List<byte[]> chunks = read.get(id);
        found.add(decode(id, chunks != null ? chunks : stored.getOrDefault(id, List.of())));
      }
    }
    return found;
  }

  private void keep(Id id, List<byte[]> chunks) {
    long bytes = id.primaryKey().length + chunks.stream().mapToLong(chunk -> chunk.length).sum();
    if (keptBytes + bytes <= KEPT_BYTES_MAX) {
      keptBytes += bytes;
      stored.put(id, chunks);
    } else {
      stored.remove(id);
    }
  }

  private Range range(Id id) {
    return reads().keys().record(id.type().number(), id.primaryKey());
  }

  private Optional<Rec> decode(Id id, List<byte[]> chunks) {
    return chunks.isEmpty()
        ? Optional.empty()
        : Optional.of(reads().coder().decode(reads().metadata(transaction), id.type(), chunks));
  }

  @Override
  void flush() {
    if (staged.isEmpty()) {
      return;
    }
    Map<Id, Staged> changes = new LinkedHashMap<>(staged);
    Map<Id, List<byte[]>> before = new HashMap<>();
    List<Page> needed = read(changes, before);
    List<Change> differences = new ArrayList<>();
    List<Id> changed = new ArrayList<>();
    changes.forEach(
        (id, change) -> {
          Optional<Rec> old = decode(id, before.getOrDefault(id, List.of()));
          if (change.insert() && old.isPresent()) {
            throw new RecordException.AlreadyExists(
                id.type().name(), RecordType.key(id.primaryKey()));
          }
          if (!isSame(before.getOrDefault(id, List.of()), change.chunks())) {
            changed.add(id);
            differences.addAll(indexChanges(id, old, change));
          }
        });
    write(differences, needed);
    for (Id id : changed) {
      List<byte[]> chunks = Objects.requireNonNull(changes.get(id)).chunks();
      write(id, before.getOrDefault(id, List.of()), chunks);
      stored.remove(id);
      keep(id, chunks);
    }
    staged.clear();
  }

  /** Reads the chunks of staged records; returns the pages that the index changes need. */
  private List<Page> read(Map<Id, Staged> changes, Map<Id, List<byte[]>> before) {
    List<Id> missing = new ArrayList<>();
    List<Change> expected = new ArrayList<>();
    changes.forEach(
        (id, change) -> {
          List<byte[]> known = stored.get(id);
          if (known == null) {
            missing.add(id);
          } else {
            before.put(id, known);
          }
          expected.addAll(indexChanges(id, Optional.empty(), change));
        });
    List<Range> records = missing.stream().map(this::range).toList();
    List<Range> ranges = new ArrayList<>(records.stream().map(RecordKeys::first).toList());
    int own = ranges.size();
    List<Range> needed = writer.needed(expected);
    ranges.addAll(needed);
    List<Page> pages = ranges.isEmpty() ? List.of() : transaction.scanAll(ranges);
    List<List<byte[]>> chunks =
        own == 0
            ? List.of()
            : reads().chunks(transaction, records, pages.subList(0, own));
    for (int i = 0; i < own; i++) {
      before.put(missing.get(i), chunks.get(i));
    }
    return pages.subList(own, pages.size());
  }

  private List<Change> indexChanges(Id id, Optional<Rec> before, Staged after) {
    List<Change> changes = new ArrayList<>();
    for (Indexed each : after.indexed()) {
      boolean feed = each.index() instanceof Index.Versionstamp;
      byte[] key =
          feed ? Contributions.owner(id.type(), id.primaryKey()) : id.primaryKey();
      List<Contribution> old =
          before.map(rec -> contributed(each, id, rec)).orElse(List.of());
      changes.add(new Change(each.handle(), key, old, each.contributions()));
    }
    return changes;
  }

  /** Returns what a stored record contributed; nothing if it can be in no row of an index. */
  private static List<Contribution> contributed(Indexed indexed, Id id, Rec rec) {
    try {
      return Contributions.of(indexed.index(), id.type(), id.primaryKey(), rec);
    } catch (RecordException.Invalid | RecordException.TooManyElements e) {
      return List.of(); // the index is being built, and will be disabled unless rec is mended
    }
  }

  private void write(List<Change> differences, List<Page> needed) {
    try {
      writer.change(differences, needed);
    } catch (IndexException.NotUnique e) {
      String index =
          reads().metadata(transaction).stored().indexes().stream()
              .filter(each -> each.number() == e.number())
              .findFirst()
              .map(SchemaJson.StoredIndex::name)
              .orElse("" + e.number());
      throw new RecordException.NotUnique(index, RecordType.key(e.owner()));
    }
  }

  private static boolean isSame(List<byte[]> before, List<byte[]> after) {
    if (before.size() != after.size()) {
      return false;
    }
    for (int i = 0; i < before.size(); i++) {
      if (!Arrays.equals(before.get(i), after.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Writes the chunks that differ, and deletes those that a shorter record lacks. */
  private void write(Id id, List<byte[]> before, List<byte[]> after) {
    int type = id.type().number();
    for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
      byte[] key = reads().keys().chunk(type, id.primaryKey(), i);
      if (i >= after.size()) {
        transaction.delete(reads().space().table(), key);
      } else if (i >= before.size() || !Arrays.equals(before.get(i), after.get(i))) {
        transaction.put(reads().space().table(), key, after.get(i));
      }
    }
  }
}
