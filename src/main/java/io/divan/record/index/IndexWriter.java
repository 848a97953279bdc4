package io.divan.record.index;

import io.divan.record.index.Contribution.Ever;
import io.divan.record.index.Differences.Claim;
import io.divan.record.index.Differences.LateAdd;
import io.divan.record.index.Differences.Place;
import io.divan.record.index.Differences.Release;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Stamp;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/**
 * Writes what changes in indexes when things change, in the transaction of the owner. Only rows
 * that differ are touched. For the use of one transaction, in one thread.
 *
 * <ol>
 *   <li>Rows are written without reading them.
 *   <li>A unique key is read with conflict. While the index is being built, a thing that gives up a
 *       key deletes its row only if it owns it: another thing may have taken the key before the
 *       build has found that both had it.
 *   <li>Counters are changed by atomic additions. While the index is being built, a change counts
 *       only if the build has passed the thing. The writer reads the position with conflict, so
 *       that no thing is counted twice or not at all.
 *   <li>The greatest value of a group is read without conflict. A greater one deletes all smaller
 *       rows, unread, and adds its own. No transaction deletes a value greater than its own, so
 *       the greatest one remains in any order of commits. The last row of the group is the
 *       greatest; smaller ones may remain until the next greater one. Least values likewise.
 *   <li>A row of a feed is stamped, and the thing's earlier row is deleted. A stamped row cannot be
 *       read in its transaction. A second change of the thing stamps the same position again.
 * </ol>
 */
public final class IndexWriter {

  /**
   * A change of one thing, for one index.
   *
   * @param index the index, as the catalog of this transaction has it
   * @param primaryKey the primary key of the thing
   * @param before what it contributed; empty if it did not exist
   * @param after what it contributes; empty if it does not exist any more
   */
  public record Change(
      IndexHandle index,
      byte[] primaryKey,
      List<Contribution> before,
      List<Contribution> after) {}

  private final WriteTransaction transaction;
  private final IndexSpace space;
  private final boolean building;

  /** The owners of unique keys after earlier changes of this transaction. */
  private final Map<Bytes, Optional<byte[]>> owners = new HashMap<>();

  /** What the caller was asked to read, and has not brought yet. */
  private final Queue<Map<Bytes, Range>> asked = new ArrayDeque<>();

  /** The stamps of places in feeds. */
  private final Map<Bytes, Stamp> stamps = new HashMap<>();

  /** Writes within this transaction and space. */
  public IndexWriter(WriteTransaction transaction, IndexSpace space) {
    this(transaction, space, false);
  }

  /**
   * Writes within this transaction and space.
   *
   * @param building whether the changes are the first contributions of things, by a build or a
   *     scrub
   */
  IndexWriter(WriteTransaction transaction, IndexSpace space, boolean building) {
    this.transaction = transaction;
    this.space = space;
    this.building = building;
  }

  /** Returns the ranges of one change; see {@link #needed(List)}. */
  public List<Range> needed(
      IndexHandle index,
      byte[] primaryKey,
      List<Contribution> before,
      List<Contribution> after) {
    return needed(List.of(new Change(index, primaryKey, before, after)));
  }

  /**
   * Returns the ranges that {@link #change(List, List)} needs to know. The caller reads them by one
   * {@code scanAll}, together with its own rows. If it has yet to read what the things contributed
   * before, it calls this method with changes from nothing; only while an index is being built, the
   * change may then have to read more.
   */
  public List<Range> needed(List<Change> changes) {
    Map<Bytes, Range> needed = differences(changes).needed();
    if (!needed.isEmpty()) {
      asked.add(needed);
    }
    return List.copyOf(needed.values());
  }

  /**
   * Writes one change; see {@link #change(List, List)}.
   *
   * @param read the pages of the needed ranges
   */
  public void change(
      IndexHandle index,
      byte[] primaryKey,
      List<Contribution> before,
      List<Contribution> after,
      List<Page> read) {
    change(List.of(new Change(index, primaryKey, before, after)), read);
  }

  /**
   * Writes changes of several things. A thing may take a unique key from another one that gives it
   * up in the same call, in any order. No effect for indexes that are not maintained.
   *
   * @param read the pages of the ranges that {@link #needed} returned for these changes, in their
   *     order; or nothing, and they are read now. Changes follow in the order of the calls of
   *     {@code needed}. Pages that are cut short are read again
   * @throws IndexException.NotUnique if another thing has a unique key; then nothing was written
   */
  public void change(List<Change> changes, List<Page> read) {
    Map<Bytes, Optional<KeyValue>> found = new HashMap<>();
    if (!read.isEmpty()) {
      known(asked.remove(), read, found);
    }
    Differences differences = differences(changes);
    Map<Bytes, Range> missing = missing(differences.needed(), found);
    while (!missing.isEmpty()) {
      known(missing, transaction.scanAll(List.copyOf(missing.values())), found);
      missing = missing(missing, found);
    }
    apply(differences, found);
  }

  private Differences differences(List<Change> changes) {
    return new Differences(space, building, stamps.keySet(), changes);
  }

  private void apply(Differences differences, Map<Bytes, Optional<KeyValue>> found) {
    requireUnique(differences, found);
    differences.rows().forEach(this::write);
    differences.releases().forEach(release -> release(release, differences, found));
    differences.claims().forEach(
        (key, claim) -> {
          transaction.put(space.table(), key.bytes(), claim.owner());
          owners.put(key, Optional.of(claim.owner()));
        });
    differences.adds().forEach((key, delta) -> transaction.add(space.table(), key.bytes(), delta));
    differences.lateAdds().forEach(add -> add(add, found));
    differences.evers().forEach((group, ever) -> replace(group, ever, found));
    Map<Integer, Stamp> last = new HashMap<>();
    differences.places().forEach(
        (key, place) -> feed(key, place, found).ifPresent(stamp -> last.put(place.number(),
            stamp)));
    last.forEach(
        (number, stamp) -> transaction.putStampedValue(
            space.table(), space.feedKey(number), new byte[0], stamp, new byte[0]));
  }

  /** Adds the first row of each page, except of those that had no room for it. */
  private static void known(
      Map<Bytes, Range> ranges, List<Page> pages, Map<Bytes, Optional<KeyValue>> found) {
    if (pages.size() != ranges.size()) {
      throw new IllegalArgumentException(
          "The changes need " + ranges.size() + " pages, not " + pages.size());
    }
    Iterator<Page> next = pages.iterator();
    for (Bytes about : ranges.keySet()) {
      Page page = next.next();
      if (!page.rows().isEmpty() || page.stop() != Page.Stop.BYTES) {
        found.put(about, page.rows().stream().findFirst());
      }
    }
  }

  private static Map<Bytes, Range> missing(
      Map<Bytes, Range> needed, Map<Bytes, Optional<KeyValue>> found) {
    Map<Bytes, Range> missing = new LinkedHashMap<>(needed);
    missing.keySet().removeAll(found.keySet());
    return missing;
  }

  private void requireUnique(
      Differences differences, Map<Bytes, Optional<KeyValue>> found) {
    differences.collision().ifPresent(
        collision -> {
          throw collision;
        });
    differences.claims().forEach(
        (key, claim) -> owner(key, found)
            .filter(owner -> !Arrays.equals(owner, claim.owner()))
            .filter(owner -> !isReleased(differences, key, owner))
            .ifPresent(owner -> throwNotUnique(claim, owner)));
  }

  private static boolean isReleased(Differences differences, Bytes key, byte[] owner) {
    return differences.releases().contains(new Release(key, new Bytes(owner), false))
        || differences.releases().contains(new Release(key, new Bytes(owner), true));
  }

  private static void throwNotUnique(Claim claim, byte[] owner) {
    throw new IndexException.NotUnique(claim.number(), claim.key(), owner);
  }

  private Optional<byte[]> owner(Bytes key, Map<Bytes, Optional<KeyValue>> found) {
    Optional<byte[]> own = owners.get(key);
    return own != null ? own : found.getOrDefault(key, Optional.empty()).map(KeyValue::value);
  }

  private void write(Bytes key, Optional<byte[]> value) {
    if (value.isPresent()) {
      transaction.put(space.table(), key.bytes(), value.get());
    } else {
      transaction.delete(space.table(), key.bytes());
    }
  }

  private void release(
      Release release, Differences differences, Map<Bytes, Optional<KeyValue>> found) {
    Bytes key = release.key();
    if (differences.claims().containsKey(key)) {
      return;
    }
    byte[] owner = release.owner().bytes();
    if (!release.building()
        || owner(key, found).filter(current -> Arrays.equals(current, owner)).isPresent()) {
      transaction.delete(space.table(), key.bytes());
      owners.put(key, Optional.empty());
    }
  }

  private void add(LateAdd add, Map<Bytes, Optional<KeyValue>> found) {
    byte[] position =
        found.getOrDefault(add.build(), Optional.empty())
            .map(row -> IndexCatalog.progress(row.value()).position())
            .orElseThrow(() -> new IllegalStateException("The index is not being built"));
    if (position.length > 0 && Arrays.compareUnsigned(add.primaryKey(), position) <= 0) {
      transaction.add(space.table(), add.key().bytes(), add.delta());
    }
  }

  private void replace(Bytes group, Ever ever, Map<Bytes, Optional<KeyValue>> found) {
    int start = group.bytes().length;
    Optional<byte[]> kept =
        found.getOrDefault(group, Optional.empty())
            .map(row -> Arrays.copyOfRange(row.key(), start, row.key().length));
    if (kept.isPresent() && !Differences.isBetter(ever.value(), kept.get(), ever.max())) {
      return;
    }
    byte[] key = IndexSpace.concat(group.bytes(), ever.value());
    Range all = space.below(group.bytes());
    if (kept.isPresent()) {
      transaction.deleteRange(
          ever.max()
              ? Range.of(space.table(), all.begin(), key)
              : Range.of(space.table(), key, all.end().orElseThrow()));
    }
    transaction.put(space.table(), key, new byte[0]);
  }

  /** Writes a row of a feed; returns its stamp if the transaction has not used it before. */
  private Optional<Stamp> feed(Bytes key, Place place, Map<Bytes, Optional<KeyValue>> found) {
    int number = place.number();
    Optional<Versionstamp> last =
        found.getOrDefault(key, Optional.empty())
            .map(row -> Versionstamp.fromBytes(row.value(), 0));
    if (building && last.isPresent()) {
      return Optional.empty();
    }
    Optional<Stamp> earlier = Optional.ofNullable(stamps.get(key));
    if (place.gone() && earlier.isPresent()) {
      throw new IllegalStateException(
          "A thing cannot leave a feed in the transaction that changed it");
    }
    if (!place.feed().history()) {
      last.ifPresent(
          old -> transaction.delete(space.table(), IndexFeed.key(space, number, old)));
    }
    if (place.gone()) {
      transaction.delete(space.table(), key.bytes());
      return Optional.empty();
    }
    Stamp stamp = earlier.orElseGet(transaction::stamp);
    if (earlier.isEmpty()) {
      stamps.put(key, stamp);
      transaction.putStampedValue(
          space.table(), key.bytes(), new byte[0], stamp, new byte[0]);
    }
    transaction.putStampedKey(
        space.table(),
        IndexFeed.stampPrefix(space, number),
        stamp,
        new byte[0],
        IndexFeed.value(place.feed()));
    return earlier.isEmpty() ? Optional.of(stamp) : Optional.empty();
  }
}
