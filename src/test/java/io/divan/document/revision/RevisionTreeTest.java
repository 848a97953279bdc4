package io.divan.document.revision;

import static io.divan.document.TestDatabases.revision;
import static io.divan.document.revision.RevisionPathTest.path;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.TestDatabases;
import io.divan.storage.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RevisionTreeTest {

  private static final int MANY = 1_000;

  private static Leaf live(String... path) {
    return new Leaf(path(path), false, 2, AttachmentTotals.NONE);
  }

  private static Leaf dead(String... path) {
    return new Leaf(path(path), true, 2, AttachmentTotals.NONE);
  }

  private static RevisionTree merged(int revsLimit, Leaf... leaves) {
    RevisionTree tree = RevisionTree.EMPTY;
    for (Leaf leaf : leaves) {
      tree = tree.merge(leaf, revsLimit);
    }
    return tree;
  }

  private static List<String> winnerFirst(RevisionTree tree) {
    return tree.leavesWinnerFirst().stream().map(leaf -> leaf.revision().toString()).toList();
  }

  @Test
  void empty_hasNoWinnerAndIsDeleted() {
    assertThat(RevisionTree.EMPTY.winner()).isEmpty();
    assertThat(RevisionTree.EMPTY.isDeleted()).isTrue();
    assertThat(RevisionTree.EMPTY.isEmpty()).isTrue();
  }

  @Test
  void winner_notDeletedThenPositionThenBytes() {
    RevisionTree tree =
        merged(
            MANY,
            dead("9-z"),
            live("2-7fffffffffffffffffffffffffffffff"),
            live("2-80000000000000000000000000000000"),
            live("1-ffffffffffffffffffffffffffffffff"),
            live("2-a"),
            dead("10-a"));
    assertThat(winnerFirst(tree))
        .containsExactly(
            "2-80000000000000000000000000000000",
            "2-7fffffffffffffffffffffffffffffff",
            "2-a",
            "1-ffffffffffffffffffffffffffffffff",
            "10-a",
            "9-z");
    assertThat(tree.isDeleted()).isFalse();
    assertThat(tree.leaves()).isEqualTo(tree.leavesWinnerFirst().reversed());
  }

  @Test
  void extend_leaf_isReplacedByItsChild() {
    RevisionTree tree = merged(MANY, live("2-b", "1-a"), live("2-c", "1-a"));
    RevisionTree extended =
        tree.extend(live("2-b", "1-a"), dead("3-d", "2-b", "1-a"), MANY);
    assertThat(extended)
        .isEqualTo(merged(MANY, live("2-c", "1-a"), dead("3-d", "2-b", "1-a")));
    assertThat(winnerFirst(extended)).containsExactly("2-c", "3-d");
  }

  @Test
  void extend_childKnownAlready_joins() {
    RevisionTree tree = merged(1, live("2-b", "1-a")).merge(live("1-a"), 1);
    assertThat(winnerFirst(tree)).containsExactly("2-b", "1-a");
    assertThat(tree.extend(live("1-a"), live("2-b", "1-a"), 1)).isEqualTo(merged(1, live("2-b")));
  }

  @Test
  void merge_descendant_replacesItsAncestor() {
    RevisionTree tree = merged(MANY, live("1-a"), live("4-d", "3-c", "2-b", "1-a"));
    assertThat(winnerFirst(tree)).containsExactly("4-d");
  }

  @Test
  void merge_ancestor_changesNothing() {
    RevisionTree tree = merged(MANY, live("4-d", "3-c", "2-b", "1-a"));
    assertThat(tree.merge(live("2-b", "1-a"), MANY)).isSameAs(tree);
    assertThat(tree.merge(live("4-d"), MANY)).isSameAs(tree);
    assertThat(tree.merge(dead("4-d", "3-c"), MANY)).isSameAs(tree);
  }

  @Test
  void merge_longerAncestry_isLearntByEveryPath() {
    RevisionTree tree = merged(MANY, live("4-x", "3-c"), live("4-y", "3-c"));
    assertThat(tree.merge(live("3-c", "2-b", "1-a"), MANY))
        .isEqualTo(
            merged(MANY, live("4-x", "3-c", "2-b", "1-a"), live("4-y", "3-c", "2-b", "1-a")));
  }

  @Test
  void merge_gapFilled_ancestorIsNoLeafAnyMore() {
    RevisionTree tree = merged(MANY, live("1-a"), live("3-c", "2-b"));
    assertThat(winnerFirst(tree)).containsExactly("3-c", "1-a");
    assertThat(winnerFirst(tree.merge(live("2-b", "1-a"), MANY))).containsExactly("3-c");
  }

  @Test
  void merge_contradictingParent_losesItsOlderAncestors() {
    RevisionTree tree = merged(MANY, live("3-c", "2-b", "1-a"));
    RevisionTree merged = tree.merge(live("4-d", "3-c", "2-x", "1-y"), MANY);
    assertThat(merged).isEqualTo(merged(MANY, live("4-d", "3-c", "2-b", "1-a")));
  }

  @Test
  void merge_newPath_isStemmed() {
    assertThat(merged(2, live("4-d", "3-c", "2-b", "1-a")))
        .isEqualTo(RevisionTree.of(List.of(live("4-d", "3-c"))));
  }

  @Test
  void merge_sharedHistoryUnderLimit_keepsBothBranches() {
    RevisionTree tree =
        merged(2, live("4-d", "3-c", "2-b", "1-a"), live("3-x", "2-b", "1-a"));
    assertThat(tree).isEqualTo(RevisionTree.of(List.of(live("3-x", "2-b"), live("4-d", "3-c"))));
    assertThat(tree.contains(revision("2-b"))).isTrue();
    assertThat(tree.contains(revision("1-a"))).isFalse();
  }

  @Test
  void stem_everyPath_keepsTheLeaves() {
    RevisionTree tree =
        merged(MANY, live("4-d", "3-c", "2-b", "1-a"), dead("3-x", "2-b", "1-a"));
    RevisionTree stemmed = tree.stem(1);
    assertThat(winnerFirst(stemmed)).isEqualTo(winnerFirst(tree));
    assertThat(stemmed.revisions()).containsExactlyInAnyOrder(revision("4-d"), revision("3-x"));
    assertThat(tree.stem(4)).isEqualTo(tree);
  }

  @Test
  void find_anyRevision_itsPath() {
    RevisionTree tree = merged(MANY, live("3-c", "2-b", "1-a"), live("2-x", "1-a"));
    assertThat(tree.find(revision("2-b"))).contains(path("2-b", "1-a"));
    assertThat(tree.find(revision("2-x"))).contains(path("2-x", "1-a"));
    assertThat(tree.find(revision("2-q"))).isEmpty();
  }

  @Test
  void leavesFrom_revision_thoseThatDescendWinnerFirst() {
    RevisionTree tree =
        merged(
            MANY,
            live("3-c", "2-b", "1-a"),
            live("3-d", "2-b", "1-a"),
            dead("5-e", "4-e", "3-e", "2-b", "1-a"),
            live("2-x", "1-a"));
    assertThat(tree.leavesFrom(revision("2-b")).stream().map(leaf -> leaf.revision().toString()))
        .containsExactly("3-d", "3-c", "5-e");
    assertThat(tree.leavesFrom(revision("2-x"))).containsExactly(live("2-x", "1-a"));
    assertThat(tree.leavesFrom(revision("2-q"))).isEmpty();
  }

  @Test
  void missing_unknownOnes_eachOnce() {
    RevisionTree tree = merged(MANY, live("3-c", "2-b", "1-a"));
    List<Revision> asked =
        Stream.of("9-q", "3-c", "1-q", "2-b", "9-q").map(TestDatabases::revision).toList();
    assertThat(tree.missing(asked)).containsExactly(revision("9-q"), revision("1-q"));
  }

  @Test
  void possibleAncestors_leavesBelowTheHighestMissing() {
    RevisionTree tree =
        merged(MANY, live("3-c", "2-b", "1-a"), live("2-x", "1-a"), dead("4-z", "3-y"));
    assertThat(tree.possibleAncestors(List.of(revision("1-q"), revision("4-q"))))
        .containsExactlyInAnyOrder(revision("3-c"), revision("2-x"));
    assertThat(tree.possibleAncestors(List.of(revision("2-q")))).isEmpty();
    assertThat(tree.possibleAncestors(List.of())).isEmpty();
  }

  /** An honest history: each revision has one parent, and is deleted or not for ever. */
  private static final class History {
    private final Map<Revision, Optional<Revision>> parents = new HashMap<>();
    private final Map<Revision, Boolean> deleted = new HashMap<>();
    private final List<Revision> revisions = new ArrayList<>();

    History(Random random, int size) {
      for (int i = 0; i < size; i++) {
        boolean root = revisions.isEmpty() || random.nextInt(12) == 0;
        Optional<Revision> parent =
            root
                ? Optional.empty()
                : Optional.of(
                    revisions.get(
                        random.nextInt(3) == 0 ? random.nextInt(i) : i - 1));
        byte[] id = new byte[random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 16];
        random.nextBytes(id);
        Revision revision = new Revision(parent.map(Revision::position).orElse(0L) + 1, id);
        if (!parents.containsKey(revision)) {
          parents.put(revision, parent);
          deleted.put(revision, random.nextInt(4) == 0);
        }
        revisions.add(revision);
      }
    }

    /** A revision and its newest ancestors, at most so many altogether. */
    Leaf export(Revision revision, int length) {
      List<Revision> path = new ArrayList<>();
      Optional<Revision> next = Optional.of(revision);
      while (next.isPresent() && path.size() < length) {
        path.add(next.get());
        next = parents.get(next.get());
      }
      return new Leaf(
          RevisionPath.of(path.toArray(Revision[]::new)), deleted.get(revision), 2,
          AttachmentTotals.NONE);
    }
  }

  /** The model: which revisions are known, and of which of them the parent. */
  private static final class Known {
    private final Set<Revision> revisions = new HashSet<>();
    private final Map<Revision, Revision> parents = new HashMap<>();
    private final Map<Revision, Boolean> deleted = new HashMap<>();

    void add(Leaf leaf) {
      List<Revision> path = leaf.path().revisions();
      for (int i = 0; i < path.size(); i++) {
        revisions.add(path.get(i));
        if (i > 0) {
          parents.put(path.get(i - 1), path.get(i));
        }
      }
      deleted.putIfAbsent(path.getFirst(), leaf.deleted());
    }

    /** The leaves, the winner first, each with its known ancestors, as text. */
    List<String> leaves() {
      Set<Revision> leaves = new HashSet<>(revisions);
      leaves.removeAll(parents.values());
      return leaves.stream()
          .sorted(
              (one, other) -> {
                if (!deleted.get(one).equals(deleted.get(other))) {
                  return deleted.get(one) ? 1 : -1;
                }
                return one.position() != other.position()
                    ? Long.compare(other.position(), one.position())
                    : java.util.Arrays.compareUnsigned(other.id(), one.id());
              })
          .map(leaf -> describe(deleted.get(leaf), ancestry(leaf)))
          .toList();
    }

    List<Revision> ancestry(Revision revision) {
      List<Revision> path = new ArrayList<>();
      for (Revision r = revision; r != null; r = parents.get(r)) {
        path.add(r);
      }
      return path;
    }
  }

  private static String describe(boolean deleted, List<Revision> path) {
    return (deleted ? "deleted " : "") + path;
  }

  private static List<String> describe(RevisionTree tree) {
    return tree.leavesWinnerFirst().stream()
        .map(leaf -> describe(leaf.deleted(), leaf.path().revisions()))
        .toList();
  }

  @Test
  void merge_honestHistoryInAnyOrder_sameTreeAsTheModel() {
    long seed = Seeds.seed(20_260_103);
    Random random = new Random(seed);
    for (int round = 0; round < 400; round++) {
      History history = new History(random, 1 + random.nextInt(40));
      List<Leaf> exports = new ArrayList<>();
      int count = 1 + random.nextInt(15);
      for (int i = 0; i < count; i++) {
        Revision revision = history.revisions.get(random.nextInt(history.revisions.size()));
        Leaf leaf =
            history.export(revision, random.nextBoolean() ? MANY : 1 + random.nextInt(5));
        exports.add(leaf);
      }
      Known model = new Known();
      exports.forEach(model::add);
      for (int order = 0; order < 6; order++) {
        List<Leaf> shuffled = new ArrayList<>(exports);
        for (int again = random.nextInt(5); again > 0; again--) {
          shuffled.add(exports.get(random.nextInt(count)));
        }
        Collections.shuffle(shuffled, random);
        RevisionTree tree = merged(MANY, shuffled.toArray(Leaf[]::new));
        String message = Seeds.replay(seed) + ", round " + round + ": " + shuffled;
        assertThat(describe(tree)).as(message).isEqualTo(model.leaves());
        assertThat(tree.revisions()).as(message).isEqualTo(model.revisions);
        compareReads(tree, model, history, message);
        exports.forEach(leaf -> assertThat(tree.merge(leaf, MANY)).isSameAs(tree));
      }
    }
  }

  private static void compareReads(
      RevisionTree tree, Known model, History history, String message) {
    assertThat(tree.missing(history.revisions))
        .as(message)
        .isEqualTo(
            history.revisions.stream()
                .filter(revision -> !model.revisions.contains(revision))
                .distinct()
                .toList());
    for (Revision revision : history.revisions) {
      boolean known = model.revisions.contains(revision);
      assertThat(tree.contains(revision)).as(message).isEqualTo(known);
      assertThat(tree.find(revision).map(RevisionPath::revisions))
          .as(message)
          .isEqualTo(known ? Optional.of(model.ancestry(revision)) : Optional.empty());
      assertThat(tree.leavesFrom(revision))
          .as(message)
          .isEqualTo(
              tree.leavesWinnerFirst().stream()
                  .filter(leaf -> model.ancestry(leaf.revision()).contains(revision))
                  .toList());
    }
  }

  /** With stemming the tree depends on the order; what must hold in any is checked. */
  @Test
  void operations_randomWithStemming_invariantsHold() {
    long seed = Seeds.seed(20_260_104);
    Random random = new Random(seed);
    for (int round = 0; round < 400; round++) {
      int revsLimit = 1 + random.nextInt(6);
      History history = new History(random, 30);
      RevisionTree tree = RevisionTree.EMPTY;
      List<String> log = new ArrayList<>();
      for (int step = 0; step < 40; step++) {
        RevisionTree before = tree;
        Optional<Leaf> parent =
            tree.isEmpty()
                ? Optional.empty()
                : Optional.of(tree.leaves().get(random.nextInt(tree.leaves().size())));
        if (parent.isPresent() && random.nextInt(3) == 0) {
          // As a hash would: the same edit of the same parent is the same revision.
          byte edit = (byte) random.nextInt(3);
          int hash = parent.get().revision().hashCode();
          byte[] id = {edit, (byte) hash, (byte) (hash >> 8), (byte) (hash >> 16)};
          Leaf child = new Leaf(parent.get().path().extendedBy(id), edit == 0, 2,
              AttachmentTotals.NONE);
          log.add("extend " + parent.get() + " by " + child);
          tree = tree.extend(parent.get(), child, revsLimit);
          assertThat(tree.contains(child.revision())).isTrue();
          assertThat(tree.leaf(parent.get().revision())).as(log.toString()).isEmpty();
        } else {
          Revision revision = history.revisions.get(random.nextInt(30));
          Leaf leaf = history.export(revision, 1 + random.nextInt(8));
          log.add("merge " + leaf);
          tree = tree.merge(leaf, revsLimit);
          assertThat(tree.contains(revision) || before.contains(revision))
              .as(log.toString())
              .isTrue();
        }
        checkInvariants(tree, revsLimit, Seeds.replay(seed) + ": " + log);
      }
      RevisionTree stemmed = tree.stem(1);
      assertThat(winnerFirst(stemmed)).isEqualTo(winnerFirst(tree));
    }
  }

  private static void checkInvariants(RevisionTree tree, int revsLimit, String message) {
    List<Leaf> leaves = tree.leaves();
    assertThat(leaves).as(message).isSorted();
    assertThat(leaves.stream().map(Leaf::revision)).as(message).doesNotHaveDuplicates();
    Map<Revision, Revision> parents = new HashMap<>();
    for (Leaf leaf : leaves) {
      List<Revision> path = leaf.path().revisions();
      assertThat(path.size()).as(message).isLessThanOrEqualTo(revsLimit);
      for (int i = 1; i < path.size(); i++) {
        Revision known = parents.putIfAbsent(path.get(i - 1), path.get(i));
        assertThat(known == null || known.equals(path.get(i))).as(message).isTrue();
      }
    }
    for (Leaf leaf : leaves) {
      assertThat(parents.values()).as(message).doesNotContain(leaf.revision());
    }
  }
}
