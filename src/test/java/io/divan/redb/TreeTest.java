package io.divan.redb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests page bytes, limits and error messages of small trees. */
class TreeTest {
  private static final TreeFormat BYTES = SampleFile.STRINGS;

  private final HeapPages pages = new HeapPages(true);

  private Tree tree(TreeFormat format) {
    return new Tree(pages, format, Optional.empty(), "table t");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private String hex(long page, int count) {
    return HexFormat.of().formatHex(pages.raw(page), 0, count);
  }

  @Test
  void leaf_variableWidths_hasRedbsBytes() {
    Tree tree = tree(BYTES);
    tree.put(bytes("beta"), bytes("22"));
    tree.put(bytes("a"), bytes("111"));
    long page = tree.seal().orElseThrow().page();
    // Type, padding, count; ends of keys; ends of values; keys; values.
    assertThat(hex(page, 30))
        .isEqualTo("01000200" + "15000000" + "19000000" + "1c000000" + "1e000000"
            + HexFormat.of().formatHex(bytes("abeta11122")));
  }

  @Test
  void leaf_fixedWidths_hasNoEnds() {
    Tree tree = tree(new TreeFormat(2, 1, KeyOrder.LITTLE_ENDIAN));
    tree.put(new byte[] {1, 2}, new byte[] {9});
    tree.put(new byte[] {2, 1}, new byte[] {8});
    long page = tree.seal().orElseThrow().page();
    assertThat(hex(page, 10)).isEqualTo("01000200" + "0201" + "0102" + "08" + "09");
  }

  @Test
  void branch_twoLeaves_hasRedbsBytes() {
    Tree tree = tree(BYTES);
    tree.put(bytes("aa"), new byte[2_000]);
    tree.put(bytes("bb"), new byte[2_000]);
    tree.put(bytes("cc"), new byte[2_000]);
    TreeRoot root = tree.seal().orElseThrow();
    assertThat(root.length()).isEqualTo(3);
    byte[] branch = pages.raw(root.page());
    assertThat(hex(root.page(), 8)).isEqualTo("02000100" + "00000000");
    for (int i = 0; i < 2; i++) {
      long child = LittleEndian.int64(branch, 8 + 32 + 8 * i);
      Node leaf = new Node(BYTES, "t");
      leaf.load(child, pages.raw(child));
      assertThat(LittleEndian.int64(branch, 8 + 16 * i)).isEqualTo(leaf.checksum().low());
      assertThat(LittleEndian.int64(branch, 16 + 16 * i)).isEqualTo(leaf.checksum().high());
    }
    // The end of the key and the key, which is the last one of the left leaf.
    assertThat(LittleEndian.int32(branch, 8 + 48)).isEqualTo(62);
    assertThat(new String(branch, 60, 2, UTF_8)).isEqualTo("bb");
    assertThat(root.checksum()).isEqualTo(Checksums.of(branch, 0, 62));
  }

  @Test
  void find_emptyTree_nothing() {
    Tree tree = tree(BYTES);
    assertThat(tree.find(bytes("a"), new ValueSlice())).isFalse();
    assertThat(tree.root()).isEmpty();
    assertThat(tree.seal()).isEmpty();
    assertThat(tree.remove(bytes("a"))).isFalse();
    assertThat(tree.removeRange(null, null)).isZero();
    assertThat(tree.cursor(null, null, true).next()).isFalse();
    assertThat(tree.stats()).isEqualTo(new TreeStats(0, 0, 0, 0, 0, 0));
    tree.verify(page -> {});
  }

  @Test
  void put_emptyKeyAndValue_found() {
    Tree tree = tree(BYTES);
    assertThat(tree.put(new byte[0], new byte[0])).isFalse();
    assertThat(tree.put(new byte[0], new byte[0])).isTrue();
    ValueSlice found = new ValueSlice();
    assertThat(tree.find(new byte[0], found)).isTrue();
    assertThat(found.length()).isZero();
    assertThat(tree.remove(new byte[0])).isTrue();
    assertThat(tree.root()).isEmpty();
    assertThat(pages.live()).isEmpty();
  }

  @Test
  void put_wrongWidth_isRejected() {
    Tree tree = tree(new TreeFormat(8, 2, KeyOrder.LITTLE_ENDIAN));
    assertThatThrownBy(() -> tree.put(new byte[7], new byte[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the key has 7 bytes instead of 8");
    assertThatThrownBy(() -> tree.put(new byte[8], new byte[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the value has 3 bytes instead of 2");
    assertThatThrownBy(() -> tree.find(new byte[9], new ValueSlice()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tree.cursor(new byte[1], null, false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(tree.put(new byte[8], new byte[2])).isFalse();
  }

  @Test
  void cursor_treeChanges_throws() {
    Tree tree = tree(BYTES);
    tree.put(bytes("a"), bytes("1"));
    tree.put(bytes("b"), bytes("2"));
    TreeCursor cursor = tree.cursor(null, null, false);
    assertThat(cursor.next()).isTrue();
    assertThat(tree.remove(bytes("x"))).isFalse();
    tree.find(bytes("b"), new ValueSlice());
    tree.seal();
    assertThat(cursor.next()).isTrue();
    tree.put(bytes("c"), bytes("3"));
    assertThatThrownBy(cursor::next)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("table t has changed since the cursor was created");
    assertThatThrownBy(() -> cursor.seek(bytes("a"))).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void put_noPageLeft_unusableUntilReset() {
    Tree tree = tree(BYTES);
    for (int i = 0; i < 100; i++) {
      tree.put(bytes("key" + i), new byte[100]);
    }
    Optional<TreeRoot> root = tree.seal();
    pages.commit();
    pages.limitAllocations(1);
    assertThatThrownBy(() -> tree.put(bytes("key1"), new byte[50]))
        .isInstanceOf(RedbException.Full.class);
    assertThatThrownBy(() -> tree.find(bytes("key1"), new ValueSlice()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("table t is unusable because a change failed; roll back");
    assertThatThrownBy(tree::seal).isInstanceOf(IllegalStateException.class);
    pages.limitAllocations(1_000);
    pages.rollback();
    tree.reset(root);
    tree.verify(page -> {});
    assertThat(tree.put(bytes("key1"), new byte[50])).isTrue();
    tree.seal();
    tree.verify(page -> {});
  }

  @Test
  void read_branchesInACircle_corrupted() {
    Tree tree = tree(BYTES);
    for (int i = 0; i < 100; i++) {
      tree.put(bytes("key" + i), new byte[100]);
    }
    long root = tree.root().orElseThrow().page();
    byte[] branch = pages.raw(root);
    int children = LittleEndian.unsigned16(branch, 2) + 1;
    for (int i = 0; i < children; i++) {
      LittleEndian.putInt64(branch, 8 + 16 * children + 8 * i, root);
    }
    String deep = "table t, page r0.2/0 is corrupted: it is more than 128 levels deep";
    assertThatThrownBy(() -> tree.find(bytes("key5"), new ValueSlice())).hasMessage(deep);
    assertThatThrownBy(() -> tree.cursor(null, null, false).next()).hasMessage(deep);
    assertThatThrownBy(tree::stats).hasMessage(deep);
    assertThatThrownBy(() -> tree.removeRange(bytes("key5"), null)).hasMessage(deep);
    tree.reset(tree(BYTES).root());
  }

  @Test
  void verify_wrongLength_corrupted() {
    Tree tree = tree(BYTES);
    tree.put(bytes("a"), bytes("1"));
    TreeRoot root = tree.seal().orElseThrow();
    TreeRoot wrong = new TreeRoot(root.page(), root.checksum(), 2);
    assertThatThrownBy(() -> new Tree(pages, BYTES, Optional.of(wrong), "t").verify(page -> {}))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("the tree has 1 pairs instead of 2");
  }

  @Test
  void verify_keysOutOfOrder_corrupted() {
    Tree tree = tree(BYTES);
    tree.put(bytes("a"), bytes("1"));
    tree.put(bytes("b"), bytes("2"));
    TreeRoot root = tree.seal().orElseThrow();
    byte[] leaf = pages.raw(root.page());
    leaf[20] = 'c';
    TreeRoot resealed = new TreeRoot(root.page(), Checksums.of(leaf, 0, 24), 2);
    Tree changed = new Tree(pages, BYTES, Optional.of(resealed), "t");
    changed.visitPages(page -> {});
    assertThatThrownBy(() -> changed.verify(page -> {}))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("key 1 is out of order");
  }
}
