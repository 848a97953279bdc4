package io.divan.document.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.divan.document.Database;
import io.divan.document.revision.AttachmentTotals;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.RevisionPath;
import io.divan.document.revision.RevisionPathTest;
import io.divan.storage.KeyValue;
import io.divan.storage.Seeds;
import io.divan.storage.Versionstamp;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeafRowTest {

  private static final String SEQUENCE = "000000000000000700020003";

  private static byte[] hex(String... parts) {
    return HexFormat.of().parseHex(String.join("", parts));
  }

  private static byte[] winnerValue(Leaf leaf, Versionstamp sequence, int branches) {
    return new ByteWriter()
        .put(LeafRow.winnerPrefix())
        .put(sequence.toBytes())
        .put(LeafRow.winnerSuffix(leaf, branches))
        .toBytes();
  }

  @Test
  void encode_leaf_literal() {
    Leaf leaf = new Leaf(RevisionPathTest.path("3-c", "2-bb", "1-a"), false, 300,
        new AttachmentTotals(2, 210, 9_000_000_000L));
    byte[] literal = hex("01", "00", "ac02", "02", "02", "026262", "0161",
        "d201", "80b4c4c321");
    assertThat(LeafRow.encode(leaf)).isEqualTo(literal);
  }

  @Test
  void winner_literal() {
    Leaf leaf = new Leaf(RevisionPathTest.path("3-c", "2-bb"), true, 2, AttachmentTotals.NONE);
    byte[] value = winnerValue(leaf, new Versionstamp(7, 2, 3), 200);
    byte[] literal = hex("01", "01", SEQUENCE, "c801", "02", "00", "01", "026262");
    assertThat(value).isEqualTo(literal);
  }

  @Test
  void decode_winner_literal() {
    KeyValue row =
        new KeyValue(
            hex("02646f6300", "26", "1503", "016300"),
            hex("01", "01", SEQUENCE, "c801", "02", "00", "01", "026262"));
    LeafRow decoded = LeafRow.decode(row);
    assertThat(decoded.leaf())
        .isEqualTo(new Leaf(RevisionPathTest.path("3-c", "2-bb"), true, 2, AttachmentTotals.NONE));
    assertThat(decoded.sequence()).contains(new Versionstamp(7, 2, 3));
    assertThat(decoded.branches()).isEqualTo(200);
  }

  @Test
  void decode_unknownLayout_refused() {
    KeyValue row = new KeyValue(hex("026100", "27", "1501", "016300"), hex("02", "00", "00"));
    assertThatIllegalStateException()
        .isThrownBy(() -> LeafRow.decode(row))
        .withMessageContaining("layout 2");
  }

  @Test
  void decode_cutShort_refused() {
    Leaf leaf = new Leaf(RevisionPathTest.path("3-c", "2-bb", "1-a"), false, 300,
        new AttachmentTotals(2, 210, 9_000_000_000L));
    byte[] key = Tables.leafKey("doc", leaf);
    byte[] value = LeafRow.encode(leaf);
    for (int length = 0; length < value.length; length++) {
      KeyValue row = new KeyValue(key, Arrays.copyOf(value, length));
      assertThatIllegalStateException().isThrownBy(() -> LeafRow.decode(row));
    }
  }

  @Test
  void decode_randomLeaves_roundTrip() {
    long seed = Seeds.seed(20_260_101);
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      Leaf leaf = randomLeaf(random);
      byte[] key = Tables.leafKey("d" + i, leaf);
      LeafRow plain = LeafRow.decode(new KeyValue(key, LeafRow.encode(leaf)));
      assertThat(plain.leaf()).as(Seeds.replay(seed)).isEqualTo(leaf);
      assertThat(plain.sequence()).as(Seeds.replay(seed)).isEmpty();
      assertThat(plain.branches()).as(Seeds.replay(seed)).isZero();
      Versionstamp sequence =
          new Versionstamp(random.nextLong(), random.nextInt(65_536), random.nextInt(65_536));
      int branches = 1 + random.nextInt(1 << random.nextInt(1, 30));
      LeafRow winner =
          LeafRow.decode(new KeyValue(key, winnerValue(leaf, sequence, branches)));
      assertThat(winner.leaf()).as(Seeds.replay(seed)).isEqualTo(leaf);
      assertThat(winner.sequence()).as(Seeds.replay(seed)).contains(sequence);
      assertThat(winner.branches()).as(Seeds.replay(seed)).isEqualTo(branches);
    }
  }

  private static AttachmentTotals totals(int count) {
    return count == 0 ? AttachmentTotals.NONE : new AttachmentTotals(count, 300, 1L << 40);
  }

  private static Leaf randomLeaf(Random random) {
    byte[][] ids = new byte[1 + random.nextInt(20)][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = new byte[random.nextBoolean() ? 16 : 1 + random.nextInt(128)];
      random.nextBytes(ids[i]);
    }
    long position = ids.length + random.nextLong(1L << random.nextInt(1, 49));
    return new Leaf(
        new RevisionPath(position, ids),
        random.nextBoolean(),
        random.nextInt(Database.DOCUMENT_BYTES_MAX + 1),
        totals(random.nextInt(3)));
  }

  @Test
  void winnerSuffix_longestPath_fitsAValue() {
    Leaf leaf =
        new Leaf(RevisionPathTest.longPath(1_000, 128).stemmed(1_000_000), false, 8_000_000,
            new AttachmentTotals(1_000, 90_000, 1L << 50));
    assertThat(LeafRow.winnerSuffix(leaf, 1_000_000).length).isLessThan(91_000);
  }
}
