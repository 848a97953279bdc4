package io.divan.storage.fdb.simulation;

import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A persistent ordered map: it is immutable, and every edit returns a new map that shares unchanged
 * parts with the old one. It is a treap, so all edits, including clearing a range of any size, and
 * all look-ups take logarithmic time. Keys and values are not copied; callers must not change them.
 * Thread-safe.
 *
 * <ol>
 *   <li>Keys left of a node are smaller, keys right of it are larger.
 *   <li>No node has a higher priority than its parent. The caller draws priorities at random, so
 *       the choice of keys cannot determine the depth of the tree.
 *   <li>{@code count} and {@code bytes} are sums over the whole subtree.
 * </ol>
 */
final class KeyTree {

  /** A key and its value; also the root of a subtree. */
  static final class Node {
    final byte[] key;
    final byte[] value;
    private final int priority;
    private final @Nullable Node left;
    private final @Nullable Node right;
    private final long count;
    private final long bytes;

    private Node(
        byte[] key, byte[] value, int priority, @Nullable Node left, @Nullable Node right) {
      this.key = key;
      this.value = value;
      this.priority = priority;
      this.left = left;
      this.right = right;
      this.count = count(left) + 1 + count(right);
      this.bytes = bytes(left) + key.length + value.length + bytes(right);
    }

    private Node withLeft(@Nullable Node other) {
      return new Node(key, value, priority, other, right);
    }

    private Node withRight(@Nullable Node other) {
      return new Node(key, value, priority, left, other);
    }
  }

  private record Halves(@Nullable Node before, @Nullable Node after) {}

  static final KeyTree EMPTY = new KeyTree(null);

  private final @Nullable Node root;

  private KeyTree(@Nullable Node root) {
    this.root = root;
  }

  private static long count(@Nullable Node node) {
    return node == null ? 0 : node.count;
  }

  private static long bytes(@Nullable Node node) {
    return node == null ? 0 : node.bytes;
  }

  long count() {
    return count(root);
  }

  byte @Nullable [] get(byte[] key) {
    Node node = root;
    while (node != null) {
      int order = Keys.compare(key, node.key);
      if (order == 0) {
        return node.value;
      }
      node = order < 0 ? node.left : node.right;
    }
    return null;
  }

  /** The last entry at or before {@code key}. */
  @Nullable
  Node floor(byte[] key) {
    return before(key, true);
  }

  /** The last entry before {@code key}. */
  @Nullable
  Node lower(byte[] key) {
    return before(key, false);
  }

  private @Nullable Node before(byte[] key, boolean inclusive) {
    Node found = null;
    Node node = root;
    while (node != null) {
      int order = Keys.compare(node.key, key);
      if (order < 0 || inclusive && order == 0) {
        found = node;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return found;
  }

  /** The first entry at or after {@code key}. */
  @Nullable
  Node ceiling(byte[] key) {
    Node found = null;
    Node node = root;
    while (node != null) {
      if (Keys.compare(node.key, key) >= 0) {
        found = node;
        node = node.left;
      } else {
        node = node.right;
      }
    }
    return found;
  }

  /** A cursor over the entries, faster than one look-up per entry. Not thread-safe. */
  Walk walk() {
    return new Walk(root);
  }

  /** A cursor; initially it is not on any entry. */
  static final class Walk {
    private final @Nullable Node root;

    /**
     * The current entry is last, preceded by those of its ancestors that follow it in key order.
     */
    private final ArrayList<Node> path = new ArrayList<>();

    private Walk(@Nullable Node root) {
      this.root = root;
    }

    /** The current entry. */
    @Nullable
    Node at() {
      return path.isEmpty() ? null : path.getLast();
    }

    /** Moves to the first entry at or after {@code key}. */
    @Nullable
    Node ceiling(byte[] key) {
      path.clear();
      Node node = root;
      while (node != null) {
        if (Keys.compare(node.key, key) >= 0) {
          path.add(node);
          node = node.left;
        } else {
          node = node.right;
        }
      }
      return at();
    }

    /** Moves to the next entry. */
    @Nullable
    Node next() {
      Node node = path.removeLast().right;
      while (node != null) {
        path.add(node);
        node = node.left;
      }
      return at();
    }
  }

  /** The size of the keys and values in a range. */
  long bytes(KeyRange range) {
    return range.isEmpty() ? 0 : bytesBefore(range.end()) - bytesBefore(range.begin());
  }

  private long bytesBefore(byte[] key) {
    long sum = 0;
    Node node = root;
    while (node != null) {
      if (Keys.compare(node.key, key) < 0) {
        sum += node.bytes - bytes(node.right);
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return sum;
  }

  /** Returns this map with {@code key} set; {@code priority} is a random number. */
  KeyTree put(byte[] key, byte[] value, int priority) {
    return new KeyTree(put(root, key, value, priority));
  }

  private static Node put(@Nullable Node node, byte[] key, byte[] value, int priority) {
    if (node == null) {
      return new Node(key, value, priority, null, null);
    }
    int order = Keys.compare(key, node.key);
    if (order == 0) {
      return new Node(key, value, node.priority, node.left, node.right);
    }
    if (priority > node.priority) {
      // If the key exists below, the split removes its old node.
      Halves halves = split(node, key);
      Node after = remove(halves.after, key);
      return new Node(key, value, priority, halves.before, after);
    }
    return order < 0
        ? node.withLeft(put(node.left, key, value, priority))
        : node.withRight(put(node.right, key, value, priority));
  }

  KeyTree remove(byte[] key) {
    Node rest = remove(root, key);
    return rest == root ? this : new KeyTree(rest);
  }

  private static @Nullable Node remove(@Nullable Node node, byte[] key) {
    if (node == null) {
      return null;
    }
    int order = Keys.compare(key, node.key);
    if (order == 0) {
      return join(node.left, node.right);
    }
    if (order < 0) {
      Node rest = remove(node.left, key);
      return rest == node.left ? node : node.withLeft(rest);
    }
    Node rest = remove(node.right, key);
    return rest == node.right ? node : node.withRight(rest);
  }

  KeyTree remove(KeyRange range) {
    if (range.isEmpty()) {
      return this;
    }
    Halves first = split(root, range.begin());
    Halves second = split(first.after, range.end());
    return second.before == null ? this : new KeyTree(join(first.before, second.after));
  }

  /** Splits a subtree into the keys before {@code key} and the rest. */
  private static Halves split(@Nullable Node node, byte[] key) {
    if (node == null) {
      return new Halves(null, null);
    }
    if (Keys.compare(node.key, key) < 0) {
      Halves halves = split(node.right, key);
      return new Halves(node.withRight(halves.before), halves.after);
    }
    Halves halves = split(node.left, key);
    return new Halves(halves.before, node.withLeft(halves.after));
  }

  private static @Nullable Node join(@Nullable Node before, @Nullable Node after) {
    if (before == null) {
      return after;
    }
    if (after == null) {
      return before;
    }
    return before.priority >= after.priority
        ? before.withRight(join(before.right, after))
        : after.withLeft(join(before, after.left));
  }
}
