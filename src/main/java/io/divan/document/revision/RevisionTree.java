package io.divan.document.revision;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The revisions of one document: its leaves and their ancestors. Immutable: every change returns a
 * new tree. The merge rules are those of CouchDB's {@code couch_key_tree}. The representation, one
 * path per leaf, is that of CouchDB's commit "Initial fabric2 implementation on FoundationDB".
 *
 * <ol>
 *   <li>Leaves are sorted in the order of {@link Leaf}; the last one is the winner.
 *   <li>No leaf is an ancestor of another leaf, and no two leaves are the same revision.
 *   <li>Two paths that share a revision agree on its ancestors as far as both know them. A revision
 *       has one parent: if a merged path contradicts a known parent, its older ancestors are
 *       dropped. Genuine histories never contradict each other, because the hash that forms a
 *       revision's id covers its parent.
 *   <li>Without stemming, merging the same paths in any order and any number of times produces the
 *       same tree.
 * </ol>
 */
public final class RevisionTree {

  public static final RevisionTree EMPTY = new RevisionTree(List.of());

  private final List<Leaf> leaves;

  private RevisionTree(List<Leaf> sorted) {
    this.leaves = sorted;
  }

  /** Returns the tree with these leaves, which must satisfy the invariants. */
  public static RevisionTree of(Collection<Leaf> leaves) {
    return new RevisionTree(leaves.stream().sorted().toList());
  }

  public boolean isEmpty() {
    return leaves.isEmpty();
  }

  /** All leaves in ascending order; the winner is last. */
  public List<Leaf> leaves() {
    return leaves;
  }

  /** All leaves, the winner first. */
  public List<Leaf> leavesWinnerFirst() {
    return leaves.reversed();
  }

  public Optional<Leaf> winner() {
    return leaves.isEmpty() ? Optional.empty() : Optional.of(leaves.getLast());
  }

  /** Whether every leaf is deleted; true for an empty tree. */
  public boolean isDeleted() {
    return winner().map(Leaf::deleted).orElse(true);
  }

  public Optional<Leaf> leaf(Revision revision) {
    return leaves.stream().filter(leaf -> leaf.revision().equals(revision)).findFirst();
  }

  public boolean contains(Revision revision) {
    return leaves.stream().anyMatch(leaf -> leaf.path().contains(revision));
  }

  /** A known revision and its known ancestors. */
  public Optional<RevisionPath> find(Revision revision) {
    return leaves.stream()
        .filter(leaf -> leaf.path().contains(revision))
        .findFirst()
        .map(leaf -> leaf.path().from(revision));
  }

  /** The leaves that descend from a revision, including the revision itself; the winner first. */
  public List<Leaf> leavesFrom(Revision revision) {
    return leavesWinnerFirst().stream().filter(leaf -> leaf.path().contains(revision)).toList();
  }

  /** Returns the revisions that the tree does not contain, in the given order. */
  public List<Revision> missing(Collection<Revision> revisions) {
    return revisions.stream().filter(revision -> !contains(revision)).distinct().toList();
  }

  /**
   * The leaves that could be ancestors of a missing revision: those at a lower position than the
   * highest missing one.
   */
  public List<Revision> possibleAncestors(Collection<Revision> missing) {
    long highest = missing.stream().mapToLong(Revision::position).max().orElse(0);
    return leaves.stream()
        .map(Leaf::revision)
        .filter(leaf -> leaf.position() < highest)
        .toList();
  }

  /**
   * Adds a child to a leaf. The tree may already contain the child, if stemming had removed the
   * parent and a replication restored it; the child's path is then merged.
   *
   * @param child the new leaf; its path is the parent's path with a new head
   */
  public RevisionTree extend(Leaf parent, Leaf child, int revsLimit) {
    if (contains(child.revision())) {
      return merge(child, revsLimit);
    }
    List<Leaf> extended = new ArrayList<>(leaves);
    extended.remove(parent);
    extended.add(child.withPath(child.path().stemmed(revsLimit)));
    return of(extended);
  }

  /**
   * Merges a replicated path. Its head becomes a leaf unless the tree already contains it. Existing
   * leaves that are ancestors on the path stop being leaves.
   */
  public RevisionTree merge(Leaf incoming, int revsLimit) {
    if (leaves.isEmpty()) {
      return new RevisionTree(List.of(incoming.withPath(incoming.path().stemmed(revsLimit))));
    }
    Map<Revision, Optional<Revision>> parents = new HashMap<>();
    for (Leaf leaf : leaves) {
      addPath(parents, leaf.path());
    }
    boolean known = parents.containsKey(incoming.revision());
    addPath(parents, incoming.path());
    Set<Revision> inner = new HashSet<>();
    parents.values().forEach(parent -> parent.ifPresent(inner::add));

    List<Leaf> candidates = new ArrayList<>(leaves);
    if (!known) {
      candidates.add(incoming);
    }
    List<Leaf> merged = new ArrayList<>(candidates.size());
    for (Leaf leaf : candidates) {
      if (!inner.contains(leaf.revision())) {
        merged.add(leaf.withPath(pathOf(leaf.revision(), parents).stemmed(revsLimit)));
      }
    }
    Collections.sort(merged);
    return merged.equals(leaves) ? this : new RevisionTree(List.copyOf(merged));
  }

  /** Stems every path to the limit. */
  RevisionTree stem(int revsLimit) {
    return of(
        leaves.stream().map(leaf -> leaf.withPath(leaf.path().stemmed(revsLimit))).toList());
  }

  /**
   * Returns the tree without these leaves and without the ancestors that only they have. Non-leaf
   * revisions in the argument are ignored. No revision becomes a leaf.
   */
  public RevisionTree without(Set<Revision> purged) {
    return new RevisionTree(
        leaves.stream().filter(leaf -> !purged.contains(leaf.revision())).toList());
  }

  /** Every revision of the tree. */
  public Set<Revision> revisions() {
    Set<Revision> revisions = new LinkedHashSet<>();
    leaves.forEach(leaf -> revisions.addAll(leaf.path().revisions()));
    return revisions;
  }

  private static void addPath(Map<Revision, Optional<Revision>> parents, RevisionPath path) {
    for (int i = 0; i < path.length(); i++) {
      Revision revision = path.revision(i);
      Optional<Revision> parent =
          i + 1 < path.length() ? Optional.of(path.revision(i + 1)) : Optional.empty();
      Optional<Revision> known = parents.get(revision);
      if (known == null || known.isEmpty()) {
        parents.put(revision, parent);
      } else if (parent.isPresent() && !known.equals(parent)) {
        return;
      }
    }
  }

  private static RevisionPath pathOf(Revision head, Map<Revision, Optional<Revision>> parents) {
    List<byte[]> ids = new ArrayList<>();
    Optional<Revision> next = Optional.of(head);
    while (next.isPresent()) {
      ids.add(next.get().id());
      next = Objects.requireNonNull(parents.get(next.get()));
    }
    return new RevisionPath(head.position(), ids.toArray(byte[][]::new));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RevisionTree tree && leaves.equals(tree.leaves);
  }

  @Override
  public int hashCode() {
    return leaves.hashCode();
  }

  @Override
  public String toString() {
    return leaves.toString();
  }
}
