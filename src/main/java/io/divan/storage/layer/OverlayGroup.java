package io.divan.storage.layer;

import io.divan.storage.KeyValue;
import io.divan.storage.Limits;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.embedded.BaseGroup;
import io.divan.storage.embedded.BaseWriteTransaction;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.TableKeys;
import io.divan.storage.embedded.TableRows;
import io.divan.storage.embedded.WatchRegistry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A group that keeps its writes in memory, over the engine's rows, and commits them as one batch:
 * for engines that have batches but no transactions. Keys are those of {@link TableKeys}. For one
 * thread.
 *
 * <ol>
 *   <li>The engine's rows do not change while the group lasts: it has no other writer.
 *   <li>A member notes the value that each of its writes replaces, and restores it on rollback.
 *   <li>If the writes of all members do not fit in one batch, the group is undone, and each member
 *       runs in a group of its own.
 * </ol>
 */
public abstract class OverlayGroup extends BaseGroup {

  /** The rows of the engine. */
  public interface Base {
    /** Without rows. */
    Base EMPTY =
        new Base() {
          @Override
          public Optional<byte[]> get(byte[] key) {
            return Optional.empty();
          }

          @Override
          public Page scan(Range range) {
            return Page.end(List.of());
          }
        };

    /** Returns the value of a key. */
    Optional<byte[]> get(byte[] key);

    /** Returns some rows of a range, at least one if it has any, and the rest of the range. */
    Page scan(Range range);

    /** Returns the values of many keys, in their order. */
    default List<Optional<byte[]>> getAll(List<byte[]> keys) {
      return keys.stream().map(this::get).toList();
    }

    /** Returns some rows of each range, possibly none of later ones, and the rests. */
    default List<Page> scanAll(List<Range> ranges) {
      return ranges.stream().map(this::scan).toList();
    }
  }

  /** The key of the configuration version. No table has number 0. */
  private static final byte[] CONFIG_VERSION = {0, 'c'};

  /** The table of ranges whose keys name their tables. */
  private static final Table ALL = new Table(0, "all");

  private static final int PAGE_ROWS = 256;

  private final Base base;
  private final long bytesMax;
  private final long configVersion;
  private final TreeMap<byte[], Optional<byte[]>> overlay =
      new TreeMap<>(Arrays::compareUnsigned);
  private long bytes;
  private boolean undone;

  /**
   * Begins a group.
   *
   * @param bytesMax the most bytes of a batch, by {@link Limits}' formula
   * @param configVersion the result of {@link #configVersion(Base)} for {@code base}
   */
  protected OverlayGroup(
      WatchRegistry registry,
      StampClock stamps,
      CommitGate gate,
      Base base,
      long bytesMax,
      long configVersion) {
    super(registry, stamps, gate);
    this.base = base;
    this.bytesMax = bytesMax;
    this.configVersion = configVersion;
  }

  /** Reads the configuration version. */
  public static long configVersion(Base base) {
    return base.get(CONFIG_VERSION).map(OverlayGroup::number).orElse(0L);
  }

  private static long number(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }

  /** The writes of the group. A key without a value is removed. */
  protected final NavigableMap<byte[], Optional<byte[]>> overlay() {
    return Collections.unmodifiableNavigableMap(overlay);
  }

  @Override
  protected final long committedConfigVersion() {
    return configVersion;
  }

  @Override
  public final BaseWriteTransaction begin() {
    return new Member();
  }

  private record Replaced(byte[] key, @Nullable Optional<byte[]> before) {}

  /** One write transaction. */
  private final class Member extends BaseWriteTransaction {
    private final List<Replaced> replaced = new ArrayList<>();
    private final long bytesBefore = bytes;

    Member() {
      super(OverlayGroup.this);
    }

    @Override
    protected void beforeFirstWrite() {
      // Each write notes what it replaces.
    }

    @Override
    protected void checkUsable() {
      // Only keepWrites refuses anything.
    }

    private void set(byte[] key, Optional<byte[]> value) {
      long size = Limits.writeBytes(key.length, value.map(some -> some.length).orElse(0));
      if (size + bytes - bytesBefore > bytesMax) {
        throw new StorageException.LimitExceeded(
            Limits.Limit.TRANSACTION, size + bytes - bytesBefore);
      }
      bytes += size;
      replaced.add(new Replaced(key, overlay.put(key, value)));
    }

    @Override
    protected void write(Table table, byte[] key, byte[] value) {
      set(TableKeys.of(table, key), Optional.of(value.clone()));
    }

    @Override
    protected void remove(Table table, byte[] key) {
      set(TableKeys.of(table, key), Optional.empty());
    }

    /** Removes row by row, because batches know no ranges. */
    @Override
    protected void remove(Range range) {
      if (range.isEmpty()) {
        return;
      }
      Range all = new Range(range.table(), range.begin(), range.end(), false, Range.NO_LIMIT);
      Range full = TableKeys.of(ALL, all);
      Rows rows = new Rows(full, Page.stopped(List.of(), Page.Stop.BYTES, full));
      List<byte[]> keys = new ArrayList<>();
      for (KeyValue row = rows.next(); row != null; row = rows.next()) {
        keys.add(row.key());
        if (keys.size() * Limits.writeBytes(0, 0) > bytesMax) {
          throw new StorageException.LimitExceeded(
              Limits.Limit.TRANSACTION, keys.size() * Limits.writeBytes(0, 0));
        }
      }
      keys.forEach(key -> set(key, Optional.empty()));
    }

    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      byte[] full = TableKeys.of(table, key);
      Optional<byte[]> written = overlay.get(full);
      return written == null ? base.get(full) : written.map(byte[]::clone);
    }

    @Override
    public List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
      List<byte[]> full = keys.stream().map(key -> TableKeys.of(table, key)).toList();
      List<byte[]> unwritten = full.stream().filter(key -> !overlay.containsKey(key)).toList();
      Iterator<Optional<byte[]>> held = base.getAll(unwritten).iterator();
      List<Optional<byte[]>> values = new ArrayList<>(keys.size());
      for (byte[] key : full) {
        Optional<byte[]> written = overlay.get(key);
        values.add(written == null ? held.next() : written.map(byte[]::clone));
      }
      return values;
    }

    /** Reads the first page of all ranges in one call. */
    @Override
    public List<Page> scanAll(List<Range> ranges) {
      List<Page> first =
          base.scanAll(
              ranges.stream().map(range -> firstPage(TableKeys.of(ALL, range))).toList());
      return scanEach(
          ranges,
          (i, bytesLeft, alwaysFirst) -> scan(ranges.get(i), first.get(i), bytesLeft, alwaysFirst));
    }

    @Override
    protected Page scan(Range range, long scanBytesMax, boolean alwaysFirst) {
      Page nothing = Page.stopped(List.of(), Page.Stop.BYTES, TableKeys.of(ALL, range));
      return scan(range, nothing, scanBytesMax, alwaysFirst);
    }

    private Page scan(Range range, Page first, long scanBytesMax, boolean alwaysFirst) {
      if (range.isEmpty()) {
        return Page.end(List.of());
      }
      Range full = TableKeys.of(ALL, range);
      Rows source = new Rows(full, first);
      TableRows rows = new TableRows(range.table(), full, scanBytesMax, alwaysFirst);
      for (KeyValue row = source.next(); row != null; row = source.next()) {
        Optional<Page> page = rows.add(row);
        if (page.isPresent()) {
          return page.get();
        }
      }
      return rows.end();
    }

    @Override
    protected void writeConfigVersion(long version) {
      set(
          CONFIG_VERSION,
          Optional.of(ByteBuffer.allocate(Long.BYTES).putLong(version).array()));
    }

    @Override
    protected void keepWrites() {
      if (bytes > bytesMax) {
        undone = true;
        throw new IllegalStateException("The writes of a group do not fit in one batch");
      }
    }

    @Override
    public boolean rollback() {
      closeWatches();
      if (undone) {
        return false;
      }
      for (Replaced write : replaced.reversed()) {
        if (write.before() == null) {
          overlay.remove(write.key());
        } else {
          overlay.put(write.key(), write.before());
        }
      }
      bytes = bytesBefore;
      return true;
    }
  }

  /** Returns the range with a limit of one page. Removed rows may make another page necessary. */
  private static Range firstPage(Range range) {
    return range.limit(Math.min(range.limit(), PAGE_ROWS));
  }

  /** Iterates over the engine's rows merged with the group's writes. */
  private final class Rows {
    private final Iterator<Map.Entry<byte[], Optional<byte[]>>> written;
    private final boolean reverse;
    private final int limit;
    private Iterator<KeyValue> page;
    private Optional<Range> rest;
    private @Nullable KeyValue held;
    private Map.@Nullable Entry<byte[], Optional<byte[]>> over;

    Rows(Range range, Page first) {
      NavigableMap<byte[], Optional<byte[]>> within =
          range.end().isPresent()
              ? overlay.subMap(range.begin(), true, range.end().get(), false)
              : overlay.tailMap(range.begin(), true);
      reverse = range.reverse();
      written = (reverse ? within.descendingMap() : within).entrySet().iterator();
      limit = range.limit();
      page = first.rows().iterator();
      rest = first.rest();
      over = nextWritten();
      held = nextHeld();
    }

    private Map.@Nullable Entry<byte[], Optional<byte[]>> nextWritten() {
      return written.hasNext() ? written.next() : null;
    }

    private @Nullable KeyValue nextHeld() {
      while (!page.hasNext() && rest.isPresent()) {
        Page read = base.scan(firstPage(rest.get().limit(limit)));
        page = read.rows().iterator();
        rest = read.rest();
      }
      return page.hasNext() ? page.next() : null;
    }

    @Nullable
    KeyValue next() {
      while (held != null || over != null) {
        int order = order();
        if (order < 0) {
          KeyValue row = held;
          held = nextHeld();
          return row;
        }
        Map.Entry<byte[], Optional<byte[]>> row = over;
        over = nextWritten();
        if (order == 0) {
          held = nextHeld();
        }
        if (row != null && row.getValue().isPresent()) {
          return new KeyValue(row.getKey().clone(), row.getValue().get().clone());
        }
      }
      return null;
    }

    /** Returns less than 0 if the engine's row is next, more than 0 if a written row is. */
    private int order() {
      if (held == null || over == null) {
        return held == null ? 1 : -1;
      }
      int order = Arrays.compareUnsigned(held.key(), over.getKey());
      return reverse ? -order : order;
    }
  }
}
