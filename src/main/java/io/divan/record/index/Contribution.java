package io.divan.record.index;

import java.util.Arrays;

/**
 * What one thing, such as a record or a document, contributes to an index. Keys are without the
 * prefix of the index. Two contributions are equal if their bytes are.
 */
public sealed interface Contribution {

  /**
   * A row.
   *
   * @param key the columns, then the primary key
   * @param value covered fields, or empty
   */
  record Row(byte[] key, byte[] value) implements Contribution {
    @Override
    public boolean equals(Object other) {
      return other instanceof Row(byte[] otherKey, byte[] otherValue)
          && Arrays.equals(key, otherKey)
          && Arrays.equals(value, otherValue);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(key) + Arrays.hashCode(value);
    }
  }

  /**
   * A row that at most one thing may contribute.
   *
   * @param key the columns
   * @param owner the primary key of the thing
   */
  record Unique(byte[] key, byte[] owner) implements Contribution {
    @Override
    public boolean equals(Object other) {
      return other instanceof Unique(byte[] otherKey, byte[] otherOwner)
          && Arrays.equals(key, otherKey)
          && Arrays.equals(owner, otherOwner);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(key) + Arrays.hashCode(owner);
    }
  }

  /**
   * A share of a sum, or 1 for a count. Writers of one sum do not conflict with each other.
   *
   * @param key the group
   * @param delta the share; sums wrap around
   */
  record Add(byte[] key, long delta) implements Contribution {
    @Override
    public boolean equals(Object other) {
      return other instanceof Add(byte[] otherKey, long otherDelta)
          && Arrays.equals(key, otherKey)
          && delta == otherDelta;
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(key) + Long.hashCode(delta);
    }
  }

  /**
   * A candidate for the least or greatest value that a group ever had. The index keeps it when the
   * thing changes or goes. Writers of one group do not conflict with each other.
   *
   * @param group the group, possibly empty
   * @param value the value, not empty; its bytes sort as the values do
   * @param max whether the greatest value is kept; otherwise the least
   */
  record Ever(byte[] group, byte[] value, boolean max) implements Contribution {
    @Override
    public boolean equals(Object other) {
      return other instanceof Ever(byte[] otherGroup, byte[] otherValue, boolean otherMax)
          && Arrays.equals(group, otherGroup)
          && Arrays.equals(value, otherValue)
          && max == otherMax;
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(group) + Arrays.hashCode(value) + (max ? 1 : 0);
    }
  }

  /**
   * A row of a feed, which lists changes in commit order. A change writes the row that comes after
   * it, even if that equals the row before it. To list deletions, an owner contributes a row that
   * says so after a deletion.
   *
   * @param owner the primary key of the thing
   * @param value what a reader of the feed gets with it
   * @param history whether the feed keeps the earlier rows of the thing
   */
  record Feed(byte[] owner, byte[] value, boolean history) implements Contribution {
    @Override
    public boolean equals(Object other) {
      return other instanceof Feed(byte[] otherOwner, byte[] otherValue, boolean otherHistory)
          && Arrays.equals(owner, otherOwner)
          && Arrays.equals(value, otherValue)
          && history == otherHistory;
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(owner) + Arrays.hashCode(value) + (history ? 1 : 0);
    }
  }
}
