package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.KeyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads keys and ranges of a snapshot under a transaction's own writes: {@code getRangeValue},
 * {@code getRangeValueBack} and {@code resolveKeySelectorFromCache} of
 * fdbclient/ReadYourWrites.actor.cpp, where everything is in the cache. One object serves one read.
 *
 * <ol>
 *   <li>A selector is resolved by walking from its key; it stays unresolved where the walk meets an
 *       unreadable segment. Only a read that has to go through that segment fails (1036); one that
 *       reaches its limits before does not.
 *   <li>A selector that runs off the database counts as its end, {@code limit}, or its beginning.
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

  /** A selector after its walk, and the offset with which it entered its last segment. */
  private record Walked(Selector selector, int offset) {}

  byte[] key(Selector selector) {
    if (selector.offset() > 0) {
      RangeChunk chunk =
          new RangeReader(cursors, limit)
              .forward(selector, Selector.firstAtOrAfter(limit), RangeLimits.ofRows(1));
      if (chunk.readToBegin()) {
        return Keys.EMPTY;
      }
      return chunk.readThroughEnd() || chunk.rows().isEmpty() ? limit : chunk.firstKey();
    }
    Selector following = new Selector(selector.key(), selector.offset() + 1);
    RangeChunk chunk =
        new RangeReader(cursors, limit)
            .backward(Selector.firstAtOrAfter(Keys.EMPTY), following, RangeLimits.ofRows(1));
    if (chunk.readThroughEnd()) {
      return limit;
    }
    return chunk.readToBegin() || chunk.rows().isEmpty() ? Keys.EMPTY : chunk.firstKey();
  }

  private Walked resolve(Selector selector, int actualOffset, SegmentCursor at) {
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
      return new Walked(Selector.firstAtOrAfter(Keys.EMPTY), reached);
    }
    if (!at.isUnreadable() && offset > 1) {
      readThroughEnd = true;
      return new Walked(Selector.firstAtOrAfter(limit), reached);
    }
    while (!at.isUnreadable() && !at.isKey() && Keys.compare(at.end(), limit) < 0) {
      at.next();
      key = at.begin();
    }
    return new Walked(new Selector(key, offset), reached);
  }

  RangeChunk forward(Selector from, Selector to, RangeLimits limits) {
    SegmentCursor at = cursors.get();
    SegmentCursor stop = cursors.get();
    Selector begin = resolveBegin(from, from.offset(), at);
    Selector end = resolveEnd(to, to.offset(), stop);
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
          end = Selector.firstAtOrAfter(note(key(end)));
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

  private static boolean isLast(SegmentCursor at, Selector begin, Selector end) {
    return !at.isUnreadable()
        || begin.offset() > 0
            && end.isFirstAtOrAfter()
            && Keys.compare(end.key(), at.begin()) == 0;
  }

  /** Adds the key the cursor stands at, if it has a value; returns 1 if the limits forbade it. */
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

  private RangeChunk forwardChunk(List<KeyValue> rows, Selector end, boolean reached) {
    boolean more = reached;
    if (end.isFirstAtOrAfter()) {
      while (!rows.isEmpty() && Keys.compare(rows.getLast().getKey(), end.key()) >= 0) {
        rows.removeLast();
        more = false;
      }
    }
    return new RangeChunk(rows, more, readToBegin, !more && readThroughEnd);
  }

  /** As {@link #forward}, from the end. */
  RangeChunk backward(Selector from, Selector to, RangeLimits limits) {
    SegmentCursor at = cursors.get();
    SegmentCursor stop = cursors.get();
    Selector end = resolveEnd(to, to.offset(), at);
    Selector begin = resolveBegin(from, from.offset(), stop);
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
          begin = Selector.firstAtOrAfter(note(key(begin)));
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

  private RangeChunk backwardChunk(List<KeyValue> rows, Selector begin, boolean reached) {
    boolean more = reached;
    if (begin.isFirstAtOrAfter()) {
      while (!rows.isEmpty() && Keys.compare(rows.getLast().getKey(), begin.key()) < 0) {
        rows.removeLast();
        more = false;
      }
    }
    return new RangeChunk(rows, more, !more && readToBegin, readThroughEnd);
  }

  private Selector resolveBegin(Selector selector, int actualOffset, SegmentCursor at) {
    Walked walked = resolve(selector, actualOffset, at);
    beginOffset = walked.offset;
    return walked.selector;
  }

  private Selector resolveEnd(Selector selector, int actualOffset, SegmentCursor at) {
    Walked walked = resolve(selector, actualOffset, at);
    endOffset = walked.offset;
    return walked.selector;
  }

  /** The answer, if the selectors alone give it. */
  private @Nullable RangeChunk nothing(Selector begin, Selector end) {
    if (isInverted(begin, end)) {
      return RangeChunk.empty(false, false);
    }
    if (begin.isFirstAtOrAfter() && Keys.compare(begin.key(), limit) == 0
        || end.isFirstAtOrAfter() && end.key().length == 0) {
      return RangeChunk.empty(readToBegin, readThroughEnd);
    }
    return null;
  }

  private boolean isInverted(Selector begin, Selector end) {
    return beginOffset >= endOffset && Keys.compare(begin.key(), end.key()) >= 0;
  }

  private static boolean isExhausted(Selector begin, Selector end) {
    return begin.offset() >= end.offset() && Keys.compare(begin.key(), end.key()) >= 0;
  }

  /** Notes whether a key resolved later lies at an end of the database. */
  private byte[] note(byte[] resolved) {
    readToBegin |= resolved.length == 0;
    readThroughEnd |= Keys.compare(resolved, limit) == 0;
    return resolved;
  }
}
