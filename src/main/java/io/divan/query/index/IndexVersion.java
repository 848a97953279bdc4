package io.divan.query.index;

import io.divan.json.CollatedKeys;
import io.divan.storage.tuple.TupleReader;
import java.util.Arrays;
import java.util.List;

/**
 * The version of the bytes of an index: that of its rows, of the encoding of values and of the
 * collator of strings. Rows of different versions cannot be in one index.
 *
 * @param numbers the parts, the most significant first
 */
record IndexVersion(List<Integer> numbers) implements Comparable<IndexVersion> {

  /** The version that this program writes. */
  static final IndexVersion CURRENT =
      parse(IndexRow.VERSION + "-" + CollatedKeys.version());

  private static IndexVersion parse(String text) {
    return new IndexVersion(Arrays.stream(text.split("[-.]")).map(Integer::valueOf).toList());
  }

  /** Returns the version in the signature of an index. */
  static IndexVersion of(byte[] signature) {
    return parse(new TupleReader(signature).nextString());
  }

  @Override
  public int compareTo(IndexVersion other) {
    int common = Math.min(numbers.size(), other.numbers.size());
    for (int i = 0; i < common; i++) {
      int order = Integer.compare(numbers.get(i), other.numbers.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(numbers.size(), other.numbers.size());
  }

  @Override
  public String toString() {
    return String.join(".", numbers.stream().map(String::valueOf).toList());
  }
}
