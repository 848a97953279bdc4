package io.divan.record.index;

import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The things that indexes are about, as a build and a scrub read them. Every method reads with the
 * transaction it is given, with conflicts, and keeps no reference to it. Primary keys are in
 * unsigned byte order.
 *
 * @param <R> a thing: a record or a document
 */
public interface IndexSource<R> {

  /**
   * A thing.
   *
   * @param <R> a thing
   * @param primaryKey its primary key
   * @param record the thing
   */
  record Item<R>(byte[] primaryKey, R record) {}

  /**
   * Consecutive things.
   *
   * @param <R> a thing
   * @param items the things, in the order of their primary keys
   * @param position things with greater primary keys come next: the last primary key read, also
   *     if the thing is not indexed. Ignored at the end
   * @param end whether there are no more
   */
  record Slice<R>(List<Item<R>> items, byte[] position, boolean end) {}

  /**
   * Returns the next things.
   *
   * @param position the greatest primary key already read; empty for the start
   * @param rowsMax the most things, at least 1
   * @param bytesMax about the most bytes of things; a larger one is returned alone
   */
  Slice<R> after(ReadTransaction transaction, byte[] position, int rowsMax, int bytesMax);

  /** Returns a thing, or empty if it does not exist or is not indexed. */
  Optional<R> get(ReadTransaction transaction, byte[] primaryKey);

  /** Returns many things, in the order of their keys. Override it to read all at once. */
  default List<Optional<R>> getAll(ReadTransaction transaction, List<byte[]> primaryKeys) {
    List<Optional<R>> found = new ArrayList<>(primaryKeys.size());
    for (byte[] primaryKey : primaryKeys) {
      found.add(get(transaction, primaryKey));
    }
    return found;
  }

  /**
   * Returns what a thing contributes to an index.
   *
   * @throws IndexException.NotIndexable if it cannot be in the index
   */
  List<Contribution> contributions(IndexHandle index, byte[] primaryKey, R record);

  /**
   * Returns the primary key of the thing that contributed a {@link Contribution.Row}, or empty if
   * the key cannot be read.
   *
   * @param key the row's key, without the prefix of the index
   */
  Optional<byte[]> owner(IndexHandle index, byte[] key);

  /**
   * Returns a value that every change of a thing changes, such as the stamp of the last change, or
   * empty if there is none. A scrub needs it to recount the counters of many things.
   */
  default Optional<byte[]> version(ReadTransaction transaction) {
    return Optional.empty();
  }
}
