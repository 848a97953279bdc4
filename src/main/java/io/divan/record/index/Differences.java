package io.divan.record.index;

import io.divan.record.index.Contribution.Add;
import io.divan.record.index.Contribution.Ever;
import io.divan.record.index.Contribution.Feed;
import io.divan.record.index.Contribution.Row;
import io.divan.record.index.Contribution.Unique;
import io.divan.storage.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a list of changes does to the rows of indexes, and which rows must be read for it. Maps have
 * the whole keys of rows, in the order of the changes.
 */
final class Differences {

  /** A key of a unique index that a thing takes. */
  record Claim(int number, byte[] key, byte[] owner) {}

  /** A key of a unique index that a thing gives up. */
  record Release(Bytes key, Bytes owner, boolean building) {}

  /** A difference of a counter that counts only if the index already contains the thing. */
  record LateAdd(Bytes build, byte[] primaryKey, Bytes key, long delta) {}

  /** A new row of a thing in a feed, or its end. */
  record Place(int number, Feed feed, boolean gone) {}

  private final IndexSpace space;

  /** Whether the changes are the first contributions of things to an index being built. */
  private final boolean building;

  /** The places of feeds that this transaction stamped: they cannot be read. */
  private final Set<Bytes> stamped;

  private final Map<Bytes, Range> needed = new LinkedHashMap<>();
  private final Map<Bytes, Optional<byte[]>> rows = new LinkedHashMap<>();
  private final Map<Bytes, Claim> claims = new LinkedHashMap<>();
  private final Set<Release> releases = new LinkedHashSet<>();
  private final Map<Bytes, Long> adds = new LinkedHashMap<>();
  private final List<LateAdd> lateAdds = new ArrayList<>();
  private final Map<Bytes, Ever> evers = new LinkedHashMap<>();
  private final Map<Bytes, Place> places = new LinkedHashMap<>();
  private Optional<IndexException.NotUnique> collision = Optional.empty();

  Differences(
      IndexSpace space, boolean building, Set<Bytes> stamped, List<IndexWriter.Change> changes) {
    this.space = space;
    this.building = building;
    this.stamped = stamped;
    changes.stream().filter(change -> change.index().maintained()).forEach(this::compare);
    adds.values().removeIf(delta -> delta == 0);
  }

  /** The ranges to read, by the key or group they are about. */
  Map<Bytes, Range> needed() {
    return needed;
  }

  /** The rows to write, or empty to delete. */
  Map<Bytes, Optional<byte[]>> rows() {
    return rows;
  }

  Map<Bytes, Claim> claims() {
    return claims;
  }

  Set<Release> releases() {
    return releases;
  }

  Map<Bytes, Long> adds() {
    return adds;
  }

  List<LateAdd> lateAdds() {
    return lateAdds;
  }

  /** The best new candidate of each group. */
  Map<Bytes, Ever> evers() {
    return evers;
  }

  Map<Bytes, Place> places() {
    return places;
  }

  /** Two of the changes that claim the same key. */
  Optional<IndexException.NotUnique> collision() {
    return collision;
  }

  private void compare(IndexWriter.Change change) {
    Set<Contribution> before = new LinkedHashSet<>(change.before());
    Set<Contribution> after = new LinkedHashSet<>(change.after());
    IndexHandle index = change.index();
    Set<Bytes> fed = new HashSet<>();
    for (Contribution each : after) {
      if (each instanceof Feed feed) {
        fed.add(new Bytes(feed.owner()));
      }
    }
    for (Contribution each : before) {
      if (!after.contains(each)) {
        removed(index, each, fed);
      }
    }
    for (Contribution each : after) {
      if (each instanceof Feed || !before.contains(each)) {
        added(index, each);
      }
    }
    sums(change);
  }

  private void removed(IndexHandle index, Contribution contribution, Set<Bytes> fed) {
    switch (contribution) {
      case Row row -> rows.put(key(IndexRows.VALUES, index, row.key()), Optional.empty());
      case Unique unique -> release(index, unique);
      case Feed feed -> {
        if (!fed.contains(new Bytes(feed.owner()))) {
          place(index, feed, true);
        }
      }
      case Add add -> {}
      case Ever ever -> {}
    }
  }

  private void added(IndexHandle index, Contribution contribution) {
    switch (contribution) {
      case Row row ->
          rows.put(key(IndexRows.VALUES, index, row.key()), Optional.of(row.value()));
      case Unique unique -> claim(index, unique);
      case Feed feed -> place(index, feed, false);
      case Ever ever -> candidate(index, ever);
      case Add add -> {}
    }
  }

  private void release(IndexHandle index, Unique unique) {
    Bytes key = key(IndexRows.UNIQUE, index, unique.key());
    boolean partial = index.state() == IndexState.BUILDING;
    Claim claim = claims.get(key);
    if (claim != null && Arrays.equals(claim.owner(), unique.owner())) {
      claims.remove(key);
    }
    releases.add(new Release(key, new Bytes(unique.owner()), partial));
    if (partial) {
      needed.putIfAbsent(key, space.row(key.bytes()));
    }
  }

  private void claim(IndexHandle index, Unique unique) {
    Bytes key = key(IndexRows.UNIQUE, index, unique.key());
    Claim other = claims.put(key, new Claim(index.number(), unique.key(), unique.owner()));
    if (other != null && !Arrays.equals(other.owner(), unique.owner())) {
      collision =
          Optional.of(
              new IndexException.NotUnique(index.number(), unique.key(), other.owner()));
    }
    needed.putIfAbsent(key, space.row(key.bytes()));
  }

  private void place(IndexHandle index, Feed feed, boolean gone) {
    Bytes key = key(IndexRows.FEED_PLACES, index, feed.owner());
    places.put(key, new Place(index.number(), feed, gone));
    if (!stamped.contains(key)) {
      needed.putIfAbsent(key, space.row(key.bytes()));
    }
  }

  private void candidate(IndexHandle index, Ever ever) {
    Bytes group =
        new Bytes(
            IndexSpace.concat(
                space.key(IndexRows.EVER.code(), index.number(), ever.max() ? 1 : 0),
                ever.group()));
    evers.merge(group, ever, Differences::better);
    Range range = space.below(group.bytes()).limit(1).withoutConflict();
    needed.putIfAbsent(group, ever.max() ? range.reversed() : range);
  }

  private static Ever better(Ever one, Ever other) {
    return isBetter(other.value(), one.value(), one.max()) ? other : one;
  }

  /** Returns whether the first value replaces the second. */
  static boolean isBetter(byte[] value, byte[] other, boolean max) {
    int order = Arrays.compareUnsigned(value, other);
    return max ? order > 0 : order < 0;
  }

  private void sums(IndexWriter.Change change) {
    Map<Bytes, Long> sums = new LinkedHashMap<>();
    for (Contribution each : change.before()) {
      if (each instanceof Add(byte[] key, long delta)) {
        sums.merge(new Bytes(key), -delta, Long::sum);
      }
    }
    for (Contribution each : change.after()) {
      if (each instanceof Add(byte[] key, long delta)) {
        sums.merge(new Bytes(key), delta, Long::sum);
      }
    }
    IndexHandle index = change.index();
    boolean late = index.state() == IndexState.BUILDING && !building;
    Bytes build = new Bytes(space.buildKey(index.number()));
    sums.forEach(
        (group, delta) -> {
          Bytes key = key(IndexRows.COUNTERS, index, group.bytes());
          if (late && delta != 0) {
            needed.putIfAbsent(build, space.row(build.bytes()));
            lateAdds.add(new LateAdd(build, change.primaryKey(), key, delta));
          } else if (!late) {
            adds.merge(key, delta, Long::sum);
          }
        });
  }

  private Bytes key(IndexRows kind, IndexHandle index, byte[] rest) {
    return new Bytes(space.key(kind, index.number(), rest));
  }
}
