package io.divan.storage.layer;

import io.divan.storage.KeyValue;
import io.divan.storage.Limits;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.TableKeys;
import io.divan.storage.embedded.TableRows;
import io.divan.storage.embedded.TreeGroup;
import io.divan.storage.embedded.TreeWrites;
import io.divan.storage.embedded.WatchRegistry;
import io.divan.storage.embedded.WriterEngine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A group whose writes lie over what an engine holds until they are committed as one batch: for
 * engines that have batches, but no transactions. {@link TableKeys} says what keys are. For one
 * thread.
 *
 * <ol>
 *   <li>What the engine holds does not change while the group lasts: nobody else writes.
 *   <li>A member notes what each of its writes has replaced, and puts it back to be undone.
 *   <li>Where what members wrote together does not fit in one batch, the group is undone, so that
 *       each runs in one of its own.
 * </ol>
 */
public abstract class OverlayGroup extends TreeGroup {

  /** What the engine holds. */
  public interface Base {
    /** Holds nothing. */
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

    /** The value of a key. */
    Optional<byte[]> get(byte[] key);

    /** Some rows of a range, at least one where there is one, and what remains. */
    Page scan(Range range);

    /** The values of many keys, in their order. */
    default List<Optional<byte[]>> getAll(List<byte[]> keys) {
      return keys.stream().map(this::get).toList();
    }

    /** Some rows of each range, possibly none of the later ones, and what remains. */
    default List<Page> scanAll(List<Range> ranges) {
      return ranges.stream().map(this::scan).toList();
    }
  }

  /** What a layer keeps in its databases, under keys that are of no table. */
  private static final byte[] CONFIG_VERSION = {0, 'c'};

  /** What ranges of keys of all tables are called. */
  private static final Table ALL = new Table(0, "all");

  private static final int PAGE_ROWS = 256;

  private final Base base;
  private final long bytesMax;
  private final long configVersion;
  private final TreeMap<byte[], Optional<byte[]>> overlay =
      new TreeMap<>(Arrays::compareUnsigned);
  private OptionalLong newConfigVersion = OptionalLong.empty();
  private long bytes;
  private boolean undone;

  /**
   * Begins a group.
   *
   * @param bytesMax the most bytes of a batch, by {@link Limits}' formula
   * @param configVersion what {@link #configVersion(Base)} answers of what the engine holds
   */
  protected OverlayGroup(
      WatchRegistry registry,
      StampClock stamps,
      Gate gate,
      Base base,
      long bytesMax,
      long configVersion) {
    super(registry, stamps, gate);
    this.base = base;
    this.bytesMax = bytesMax;
    this.configVersion = configVersion;
  }

  /** The versionstamp of the last change of the configuration. */
  public static long configVersion(Base base) {
    return base.get(CONFIG_VERSION).map(OverlayGroup::number).orElse(0L);
  }

  private static long number(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }

  /** What the group writes: without a value the key is removed. */
  protected final NavigableMap<byte[], Optional<byte[]>> overlay() {
    return Collections.unmodifiableNavigableMap(overlay);
  }

  /** The version of the configuration that the group makes, if it does. */
  protected final OptionalLong newConfigVersion() {
    return newConfigVersion;
  }

  @Override
  public final WriterEngine.Member begin() {
    return new Member();
  }

  private record Replaced(byte[] key, @Nullable Optional<byte[]> before) {}

  /** One write transaction. */
  private final class Member extends TreeWrites {
    private final List<Replaced> replaced = new ArrayList<>();
    private final long bytesBefore = bytes;
    private final OptionalLong configBefore = newConfigVersion;
    private boolean wrote;

    Member() {
      super(OverlayGroup.this);
    }

    @Override
    protected void beforeWrite() {
      wrote = true;
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

    /** Removes row by row: there is no other way in a batch. */
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

    /** Asks the engine for a page of each at once. */
    @Override
    public List<Page> scanAll(List<Range> ranges) {
      List<Page> first =
          base.scanAll(
              ranges.stream().map(range -> firstPage(TableKeys.of(ALL, range))).toList());
      return scanEach(
          ranges,
          (i, bytesLeft, firstFits) -> scan(ranges.get(i), first.get(i), bytesLeft, firstFits));
    }

    @Override
    protected Page scan(Range range, long scanBytesMax, boolean firstFits) {
      Page nothing = Page.stopped(List.of(), Page.Stop.BYTES, TableKeys.of(ALL, range));
      return scan(range, nothing, scanBytesMax, firstFits);
    }

    private Page scan(Range range, Page first, long scanBytesMax, boolean firstFits) {
      if (range.isEmpty()) {
        return Page.end(List.of());
      }
      Range full = TableKeys.of(ALL, range);
      Rows source = new Rows(full, first);
      TableRows rows = new TableRows(range.table(), full, scanBytesMax, firstFits);
      for (KeyValue row = source.next(); row != null; row = source.next()) {
        Optional<Page> page = rows.add(row);
        if (page.isPresent()) {
          return page.get();
        }
      }
      return rows.end();
    }

    @Override
    public Versionstamp configVersion() {
      return new Versionstamp(newConfigVersion.orElse(configVersion), 0, 0);
    }

    @Override
    public void bumpConfigVersion() {
      beforeWrite();
      set(
          CONFIG_VERSION,
          Optional.of(ByteBuffer.allocate(Long.BYTES).putLong(version()).array()));
      newConfigVersion = OptionalLong.of(version());
    }

    @Override
    public Optional<Versionstamp> keep() {
      if (!wrote) {
        return Optional.empty();
      }
      if (bytes > bytesMax) {
        undone = true;
        throw new IllegalStateException("What a group writes fits in no batch");
      }
      kept(touched(), version());
      return Optional.of(new Versionstamp(version(), 0, 0));
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
      newConfigVersion = configBefore;
      return true;
    }
  }

  /** The range's first rows: more of them than it wants where some are removed. */
  private static Range firstPage(Range range) {
    return range.limit(Math.min(range.limit(), PAGE_ROWS));
  }

  /** Rows of the engine under what the group has written, one after another. */
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

    /** Negative where the engine's row is next, positive where a written one is. */
    private int order() {
      if (held == null || over == null) {
        return held == null ? 1 : -1;
      }
      int order = Arrays.compareUnsigned(held.key(), over.getKey());
      return reverse ? -order : order;
    }
  }
}
