package io.divan.document.revision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class RevisionPathTest {

  public static RevisionPath path(String... revisions) {
    Revision[] parsed = new Revision[revisions.length];
    for (int i = 0; i < parsed.length; i++) {
      parsed[i] = Revision.parse(revisions[i]).orElseThrow();
    }
    return RevisionPath.of(parsed);
  }

  public static RevisionPath longPath(int length, int idBytes) {
    byte[][] ids =
        IntStream.range(0, length)
            .mapToObj(i -> String.format("%0" + idBytes + "d", i))
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    return new RevisionPath(length, ids);
  }

  @Test
  void constructor_moreRevisionsThanPositions_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> path("1-b", "0-a"));
    assertThatIllegalArgumentException().isThrownBy(() -> new RevisionPath(0, new byte[] {1}));
  }

  @Test
  void constructor_noRevision_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new RevisionPath(1));
  }

  @Test
  void revisions_newestFirst() {
    RevisionPath path = path("3-c", "2-b", "1-a");
    assertThat(path).hasToString("[3-c, 2-b, 1-a]");
    assertThat(path.head()).hasToString("3-c");
    assertThat(path.reachesFirst()).isTrue();
    assertThat(path("3-c", "2-b").reachesFirst()).isFalse();
  }

  @Test
  void contains_otherIdOrPosition_false() {
    RevisionPath path = path("3-c", "2-b");
    assertThat(path.contains(Revision.parse("2-b").orElseThrow())).isTrue();
    assertThat(path.contains(Revision.parse("2-c").orElseThrow())).isFalse();
    assertThat(path.contains(Revision.parse("4-c").orElseThrow())).isFalse();
    assertThat(path.contains(Revision.parse("1-a").orElseThrow())).isFalse();
    assertThat(path.contains(Revision.parse("99999999999999999-a").orElseThrow())).isFalse();
  }

  @Test
  void from_anyRevision_itAndItsAncestors() {
    RevisionPath path = path("3-c", "2-b", "1-a");
    assertThat(path.from(path.revision(0))).isSameAs(path);
    assertThat(path.from(path.revision(1))).isEqualTo(path("2-b", "1-a"));
    assertThat(path.from(path.revision(2))).isEqualTo(path("1-a"));
  }

  @Test
  void extendedBy_id_isTheNewHead() {
    byte[] id = {'d'};
    assertThat(path("3-c", "2-b").extendedBy(id)).isEqualTo(path("4-d", "3-c", "2-b"));
  }

  @Test
  void stemmed_byCount_keepsTheNewest() {
    RevisionPath path = path("3-c", "2-b", "1-a");
    assertThat(path.stemmed(1)).isEqualTo(path("3-c"));
    assertThat(path.stemmed(2)).isEqualTo(path("3-c", "2-b"));
    assertThat(path.stemmed(3)).isSameAs(path);
    assertThat(path.stemmed(1_000)).isSameAs(path);
  }

  @Test
  void stemmed_byBytes_staysWithinAValue() {
    RevisionPath path = longPath(6_000, 16);
    RevisionPath stemmed = path.stemmed(1_000_000);
    assertThat(stemmed.length()).isEqualTo(RevisionPath.BYTES_MAX / 18);
    assertThat(stemmed.head()).isEqualTo(path.head());
    assertThat(longPath(1_000, 128).stemmed(1_000_000).length())
        .isEqualTo(RevisionPath.BYTES_MAX / 130);
  }

  @Test
  void stemmed_exactlyTheBytes_staysWhole() {
    RevisionPath path = longPath(5_000, 16);
    assertThat(path.stemmed(1_000_000)).isSameAs(path);
  }

  @Test
  void equals_byPositionAndIds() {
    assertThat(path("2-b", "1-a")).isEqualTo(path("2-b", "1-a"));
    assertThat(path("2-b", "1-a")).hasSameHashCodeAs(path("2-b", "1-a"));
    assertThat(path("2-b", "1-a")).isNotEqualTo(path("2-b"));
    assertThat(path("2-b")).isNotEqualTo(path("3-b"));
    assertThat(path("2-b")).isNotEqualTo(path("2-c"));
  }
}
