package io.divan.record.relational;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The row ids of one transaction, which keeps them while it runs again. An instance takes ids in
 * blocks, each in a transaction of its own, so inserts do not conflict with each other.
 */
final class RowIds {

  /** The ids that an instance has taken, by the number of the table. Safe for many threads. */
  static final class Blocks {
    private final Map<Integer, ArrayDeque<Block>> free = new HashMap<>();

    private synchronized Optional<Long> poll(int table) {
      ArrayDeque<Block> blocks = free.getOrDefault(table, new ArrayDeque<>());
      Block block = blocks.poll();
      if (block == null) {
        return Optional.empty();
      }
      if (block.count() > 1) {
        blocks.addFirst(new Block(block.first() + 1, block.count() - 1));
      }
      return Optional.of(block.first());
    }

    synchronized void add(int table, long first, int count) {
      free.computeIfAbsent(table, none -> new ArrayDeque<>()).add(new Block(first, count));
    }
  }

  private record Block(long first, int count) {}

  /** The transaction needs a block of ids before it runs again. */
  static final class Missing extends RuntimeException {
    private final int table;
    private final int count;

    Missing(int table, int count) {
      super("The transaction needs row ids", null, false, false);
      this.table = table;
      this.count = count;
    }

    int table() {
      return table;
    }

    int count() {
      return count;
    }
  }

  private static final int BLOCK_MIN = 100;

  private final Blocks blocks;
  private final Map<Integer, List<Long>> taken = new HashMap<>();
  private final Map<Integer, Integer> used = new HashMap<>();

  RowIds(Blocks blocks) {
    this.blocks = blocks;
  }

  /** Starts the transaction from its beginning. */
  void restart() {
    used.clear();
  }

  /** Returns the next row id. */
  long next(int table) {
    List<Long> ids = taken.computeIfAbsent(table, none -> new ArrayList<>());
    int next = used.getOrDefault(table, 0);
    if (next == ids.size()) {
      ids.add(
          blocks.poll(table)
              .orElseThrow(() -> new Missing(table, Math.max(BLOCK_MIN, ids.size()))));
    }
    used.put(table, next + 1);
    return ids.get(next);
  }
}
