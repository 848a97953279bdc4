package io.divan.redb;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/**
 * Measures trees whose pages are in memory: loads in key order and in random order, gets, scans,
 * and the fill factor of leaves. Arguments: rows (1,000,000) and bytes of a value (1,000). With
 * these defaults it needs a heap of 4 GB.
 */
public final class TreeBench {
  private static final TreeFormat FORMAT =
      new TreeFormat(TreeFormat.VARIABLE, TreeFormat.VARIABLE, KeyOrder.BYTES);

  private final int rows;
  private final byte[] value;

  private TreeBench(int rows, int valueBytes) {
    this.rows = rows;
    this.value = new byte[valueBytes];
    new Random(1).nextBytes(value);
  }

  /** Runs all measurements. */
  public static void main(String[] arguments) {
    int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
    int valueBytes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000;
    TreeBench bench = new TreeBench(rows, valueBytes);
    bench.run("ascending", bench.ascending());
    bench.run("random", bench.shuffled(2));
  }

  private int[] ascending() {
    int[] order = new int[rows];
    Arrays.setAll(order, i -> i);
    return order;
  }

  private int[] shuffled(long seed) {
    int[] order = ascending();
    Random random = new Random(seed);
    for (int i = rows - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private void run(String name, int[] order) {
    HeapPages pages = new HeapPages(false);
    Tree tree = new Tree(pages, FORMAT, Optional.empty(), "bench");
    byte[] key = new byte[30];
    long start = now();
    for (int i : order) {
      write(i, key);
      tree.put(key, value);
    }
    report(name + " load", rows, start);
    start = now();
    tree.seal();
    report(name + " seal", rows, start);
    pages.commit();
    TreeStats stats = tree.stats();
    double full = 100.0 * stats.storedBytes() / pages.bytes();
    System.out.printf(
        Locale.ROOT, "%-20s %,d leaves, %,d branches, depth %d, %.1f %% content%n",
        name, stats.leafPages(), stats.branchPages(), stats.depth(), full);
    int[] gets = shuffled(3);
    for (int round = 0; round < 3; round++) {
      start = now();
      get(tree, gets, key);
      report(name + " gets", rows, start);
    }
    for (int round = 0; round < 3; round++) {
      start = now();
      scan(tree, round == 2);
      report(name + (round == 2 ? " scan down" : " scan"), rows, start);
    }
    remove(name, tree, pages, key);
  }

  /** Removes a third of the rows at random and a third as a range. */
  private void remove(String name, Tree tree, HeapPages pages, byte[] key) {
    int[] order = shuffled(4);
    long start = now();
    for (int i = 0; i < rows / 3; i++) {
      write(order[i], key);
      tree.remove(key);
    }
    report(name + " removes", rows / 3, start);
    TreeStats stats = tree.stats();
    double full = 100.0 * stats.storedBytes() / pages.bytes();
    System.out.printf(Locale.ROOT, "%-20s %.1f %% content%n", name, full);
    byte[] to = new byte[30];
    write(rows / 4, key);
    write(rows / 4 + rows / 3, to);
    start = now();
    long removed = tree.removeRange(key, to);
    report(name + " range removed", removed, start);
  }

  private static void get(Tree tree, int[] order, byte[] key) {
    ValueSlice found = new ValueSlice();
    long sum = 0;
    for (int i : order) {
      write(i, key);
      if (!tree.find(key, found)) {
        throw new IllegalStateException("row " + i + " is missing");
      }
      sum += found.array()[found.offset()];
    }
    if (sum == Long.MIN_VALUE) {
      System.out.println("no");
    }
  }

  private void scan(Tree tree, boolean reverse) {
    TreeCursor cursor = tree.cursor(null, null, reverse);
    long sum = 0;
    int count = 0;
    while (cursor.next()) {
      sum += cursor.array()[cursor.valueOffset()] + cursor.keyLength();
      count++;
    }
    if (count != rows || sum == Long.MIN_VALUE) {
      throw new IllegalStateException(count + " rows");
    }
  }

  private static void write(int number, byte[] key) {
    int rest = number;
    Arrays.fill(key, (byte) 'k');
    for (int i = key.length - 1; i > key.length - 11; i--) {
      key[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /** Returns the CPU time of this thread, which other load on the machine affects less. */
  private static long now() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void report(String what, long count, long start) {
    double seconds = (now() - start) / 1e9;
    System.out.printf(
        Locale.ROOT, "%-20s %,12.0f/s  (%.2f s)%n", what, count / seconds, seconds);
  }
}
