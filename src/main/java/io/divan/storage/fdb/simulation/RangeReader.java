package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.KeyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads keys and ranges of a snapshot merged with a transaction's own writes: {@code
 * getRangeValue}, {@code getRangeValueBack} and {@code resolveKeySelectorFromCache} of
 * fdbclient/ReadYourWrites.actor.cpp, for the case that everything is in the cache. One object
 * serves one read.
 *
 * <ol>
 *   <li>A selector is resolved by walking from its key, and stays unresolved if the walk meets an
 *       unreadable segment. Only a read that must pass through that segment fails (1036); one that
 *       reaches its limits earlier does not.
 *   <li>A selector that runs past the end of the database resolves to its end, {@code limit}; one
 *       that runs past the beginning resolves to the beginning.
 * </ol>
 */
final class RangeReader {

  private final Supplier<SegmentCursor> cursors;
  private final byte[] limit;

  private boolean readToBegin;
  private boolean readThroughEnd;
  private int beginOffset;
  private int endOffset;

  RangeReader(Supplier<SegmentCursor> cursors, byte[] limit) {
    this.cursors = cursors;
    this.limit = limit;
  }

  /** A selector after its walk, and the offset it had when it entered its last segment. */
  private record Walked(NormalizedSelector selector, int offset) {}

  byte[] key(NormalizedSelector selector) {
    if (selector.offset() > 0) {
      RangeChunk chunk =
          new RangeReader(cursors, limit)
              .forward(selector, NormalizedSelector.firstAtOrAfter(limit), RangeLimits.ofRows(1));
      if (chunk.readToBegin()) {
        return Keys.EMPTY;
      }
      return chunk.readThroughEnd() || chunk.rows().isEmpty() ? limit : chunk.firstKey();
    }
    NormalizedSelector following = new NormalizedSelector(selector.key(), selector.offset() + 1);
    RangeChunk chunk =
        new RangeReader(cursors, limit)
            .backward(
                NormalizedSelector.firstAtOrAfter(Keys.EMPTY), following, RangeLimits.ofRows(1));
    if (chunk.readThroughEnd()) {
      return limit;
    }
    return chunk.readToBegin() || chunk.rows().isEmpty() ? Keys.EMPTY : chunk.firstKey();
  }

  private Walked resolve(NormalizedSelector selector, int actualOffset, SegmentCursor at) {
    byte[] key = selector.key();
    int offset = selector.offset();
    final boolean settled = offset == 1;
    at.seek(key);
    if (offset <= 0 && key.length > 0 && Keys.compare(at.begin(), key) == 0) {
      at.previous();
    }
    while (offset > 1 && !at.isUnreadable() && Keys.compare(at.end(), limit) < 0) {
      if (at.isKey()) {
        offset--;
      }
      at.next();
      key = at.begin();
    }
    while (offset < 1 && !at.isUnreadable() && at.begin().length > 0) {
      if (at.isKey() && ++offset == 1) {
        key = at.begin();
        break;
      }
      at.previous();
      key = at.end();
    }
    int reached = settled ? actualOffset : offset;
    if (!at.isUnreadable() && offset < 1) {
      readToBegin = true;
      return new Walked(NormalizedSelector.firstAtOrAfter(Keys.EMPTY), reached);
    }
    if (!at.isUnreadable() && offset > 1) {
      readThroughEnd = true;
      return new Walked(NormalizedSelector.firstAtOrAfter(limit), reached);
    }
    while (!at.isUnreadable() && !at.isKey() && Keys.compare(at.end(), limit) < 0) {
      at.next();
      key = at.begin();
    }
    return new Walked(new NormalizedSelector(key, offset), reached);
  }

  RangeChunk forward(NormalizedSelector from, NormalizedSelector to, RangeLimits limits) {
    SegmentCursor at = cursors.get();
    SegmentCursor stop = cursors.get();
    NormalizedSelector begin = resolveBegin(from, from.offset(), at);
    NormalizedSelector end = resolveEnd(to, to.offset(), stop);
    RangeChunk nothing = nothing(begin, end);
    if (nothing != null) {
      return nothing;
    }
    if (!end.isFirstAtOrAfter() && Keys.compare(begin.key(), end.key()) > 0) {
      byte[] resolved = note(key(end));
      if (Keys.compare(begin.key(), resolved) >= 0 && begin.offset() > 0) {
        return RangeChunk.empty(false, false);
      }
      if (resolved.length == 0) {
        return RangeChunk.empty(readToBegin, readThroughEnd);
      }
      begin = resolveBegin(begin, beginOffset, at);
      end = resolveEnd(end, endOffset, stop);
    }
    List<KeyValue> rows = new ArrayList<>();
    int pastEnd = 0;
    while (true) {
      if (rows.isEmpty() && isInverted(begin, end)) {
        return RangeChunk.empty(false, false);
      }
      if (end.offset() <= 1 && end.key().length == 0) {
        return RangeChunk.empty(readToBegin, readThroughEnd);
      }
      if (isExhausted(begin, end)
          || begin.offset() >= 1 && Keys.compare(begin.key(), limit) >= 0) {
        if (!end.isFirstAtOrAfter() && !rows.isEmpty()) {
          end = NormalizedSelector.firstAtOrAfter(note(key(end)));
        }
        break;
      }
      if (!at.isUnreadable() && Keys.compare(at.begin(), stop.begin()) > 0) {
        if (end.isFirstAtOrAfter()) {
          break;
        }
        return RangeChunk.empty(readToBegin, readThroughEnd);
      }
      if (limits.isReached() && pastEnd >= 1 - end.offset()
          || at.isAt(stop) && isLast(at, begin, end)
          || Keys.compare(at.begin(), limit) >= 0) {
        break;
      }
      pastEnd += take(at, limits, rows);
      at.next();
    }
    return forwardChunk(rows, end, limits.isReached());
  }

  private static boolean isLast(
      SegmentCursor at, NormalizedSelector begin, NormalizedSelector end) {
    return !at.isUnreadable()
        || begin.offset() > 0
            && end.isFirstAtOrAfter()
            && Keys.compare(end.key(), at.begin()) == 0;
  }

  /** Adds the key at the cursor if it has a value. Returns 1 if the limits prevented that. */
  private static int take(SegmentCursor at, RangeLimits limits, List<KeyValue> rows) {
    byte[] value = at.isKey() ? at.value() : null;
    if (value == null) {
      return 0;
    }
    if (limits.isReached()) {
      return 1;
    }
    byte[] key = at.begin();
    limits.take(key, value);
    rows.add(new KeyValue(key.clone(), value.clone()));
    return 0;
  }

  private RangeChunk forwardChunk(List<KeyValue> rows, NormalizedSelector end, boolean reached) {
    boolean more = reached;
    if (end.isFirstAtOrAfter()) {
      while (!rows.isEmpty() && Keys.compare(rows.getLast().getKey(), end.key()) >= 0) {
        rows.removeLast();
        more = false;
      }
    }
    return new RangeChunk(rows, more, readToBegin, !more && readThroughEnd);
  }

  /** As {@link #forward}, but from the end of the range. */
  RangeChunk backward(NormalizedSelector from, NormalizedSelector to, RangeLimits limits) {
    SegmentCursor at = cursors.get();
    SegmentCursor stop = cursors.get();
    NormalizedSelector end = resolveEnd(to, to.offset(), at);
    NormalizedSelector begin = resolveBegin(from, from.offset(), stop);
    RangeChunk nothing = nothing(begin, end);
    if (nothing != null) {
      return nothing;
    }
    if (!begin.isFirstAtOrAfter() && Keys.compare(begin.key(), end.key()) > 0) {
      byte[] resolved = note(key(begin));
      if (Keys.compare(resolved, end.key()) >= 0 && end.offset() <= 1) {
        return RangeChunk.empty(false, false);
      }
      if (Keys.compare(resolved, limit) == 0) {
        return RangeChunk.empty(readToBegin, readThroughEnd);
      }
      end = resolveEnd(end, endOffset, at);
      begin = resolveBegin(begin, beginOffset, stop);
    }
    List<KeyValue> rows = new ArrayList<>();
    int pastBegin = 0;
    while (true) {
      if (rows.isEmpty() && isInverted(begin, end)) {
        return RangeChunk.empty(false, false);
      }
      if (begin.offset() > 0 && Keys.compare(begin.key(), limit) >= 0) {
        return RangeChunk.empty(readToBegin, readThroughEnd);
      }
      if (isExhausted(begin, end) || end.offset() <= 1 && end.key().length == 0) {
        if (!begin.isFirstAtOrAfter() && !rows.isEmpty()) {
          begin = NormalizedSelector.firstAtOrAfter(note(key(begin)));
        }
        break;
      }
      boolean enough = pastBegin >= begin.offset() - 1;
      if (enough && !at.isUnreadable() && Keys.compare(at.begin(), stop.begin()) < 0) {
        if (begin.isFirstAtOrAfter()) {
          break;
        }
        return RangeChunk.empty(readToBegin, readThroughEnd);
      }
      if (limits.isReached() && enough) {
        break;
      }
      if (end.isFirstAtOrAfter() && Keys.compare(end.key(), at.begin()) == 0) {
        if (enough && at.isAt(stop)) {
          break;
        }
        at.previous();
      }
      pastBegin += take(at, limits, rows);
      if (at.isAt(stop) || at.begin().length == 0) {
        break;
      }
      at.previous();
    }
    return backwardChunk(rows, begin, limits.isReached());
  }

  private RangeChunk backwardChunk(List<KeyValue> rows, NormalizedSelector begin, boolean reached) {
    boolean more = reached;
    if (begin.isFirstAtOrAfter()) {
      while (!rows.isEmpty() && Keys.compare(rows.getLast().getKey(), begin.key()) < 0) {
        rows.removeLast();
        more = false;
      }
    }
    return new RangeChunk(rows, more, !more && readToBegin, readThroughEnd);
  }

  private NormalizedSelector resolveBegin(
      NormalizedSelector selector, int actualOffset, SegmentCursor at) {
    Walked walked = resolve(selector, actualOffset, at);
    beginOffset = walked.offset;
    return walked.selector;
  }

  private NormalizedSelector resolveEnd(
      NormalizedSelector selector, int actualOffset, SegmentCursor at) {
    Walked walked = resolve(selector, actualOffset, at);
    endOffset = walked.offset;
    return walked.selector;
  }

  /** The result, if the selectors alone determine it. */
  private @Nullable RangeChunk nothing(NormalizedSelector begin, NormalizedSelector end) {
    if (isInverted(begin, end)) {
      return RangeChunk.empty(false, false);
    }
    if (begin.isFirstAtOrAfter() && Keys.compare(begin.key(), limit) == 0
        || end.isFirstAtOrAfter() && end.key().length == 0) {
      return RangeChunk.empty(readToBegin, readThroughEnd);
    }
    return null;
  }

  private boolean isInverted(NormalizedSelector begin, NormalizedSelector end) {
    return beginOffset >= endOffset && Keys.compare(begin.key(), end.key()) >= 0;
  }

  private static boolean isExhausted(NormalizedSelector begin, NormalizedSelector end) {
    return begin.offset() >= end.offset() && Keys.compare(begin.key(), end.key()) >= 0;
  }

  /** Records whether a key resolved later lies at the beginning or end of the database. */
  private byte[] note(byte[] resolved) {
    readToBegin |= resolved.length == 0;
    readThroughEnd |= Keys.compare(resolved, limit) == 0;
    return resolved;
  }
}
