package io.divan.record;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads of records from one consistent snapshot. Only the thread that runs the work uses it, and
 * only until the work returns. Every method may throw {@link RecordException} and {@link
 * io.divan.storage.StorageException}.
 */
public interface RecordReader {

  /** Returns a record, or empty if there is none. */
  Optional<Rec> get(String type, Key key);

  /** Returns many records, in the order of their keys, in one round trip. */
  List<Optional<Rec>> getAll(String type, List<Key> keys);

  /**
   * Returns the number of records of a group.
   *
   * @param index the name of a count index
   * @param group the values of the group's fields
   */
  long count(String index, @Nullable Object... group);

  /**
   * Returns the sum over the records of a group.
   *
   * @param index the name of a sum index
   * @param group the values of the group's fields
   */
  long sum(String index, @Nullable Object... group);

  /**
   * A group of a count or sum index.
   *
   * @param values the values of the group's fields
   * @param number the number of its records, or their sum
   */
  record Group(List<@Nullable Object> values, long number) {
    public Group {
      values = Collections.unmodifiableList(new ArrayList<>(values));
    }
  }

  /**
   * Returns the groups of a count or sum index whose number is not 0, in the order of their values.
   *
   * @param index the name of the index
   * @param max the most groups
   */
  List<Group> groups(String index, int max);

  /**
   * Returns the greatest or least value that the field ever had in a group, or empty if it never
   * had one.
   *
   * @param index the name of an {@link Index.Ever}
   * @param group the values of the group's fields
   */
  Optional<Object> ever(String index, @Nullable Object... group);

  /**
   * Returns one page of the results of a query.
   *
   * @param continuation that of the page before, in this or any other transaction; empty for the
   *     first page
   * @throws RecordException.Invalid if the query does not fit the schema
   * @throws RecordException.NoIndexForSort if no index has the order of the query
   * @throws RecordException.BadContinuation if the continuation is damaged or not of this query
   */
  Results run(Query query, ReadLimits limits, Optional<byte[]> continuation);

  /** Returns how a query would be run. */
  Explanation explain(Query query);
}
