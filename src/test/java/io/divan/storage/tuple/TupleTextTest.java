package io.divan.storage.tuple;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Versionstamp;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TupleTextTest {

  @Test
  void print_everyType_readable() {
    List<Object> nested = Arrays.asList("x", null, List.of(true));
    assertThat(
        TupleText.print(
            Arrays.asList(
                "a",
                true,
                -2L,
                new byte[] {0x0F, (byte) 0xE1},
                new Versionstamp(1, 2, 3),
                1.5f,
                2.5,
                new UUID(1, 2),
                null,
                nested)))
        .isEqualTo(
            "(\"a\", true, -2, 0x0fe1, @000000000000000100020003, 1.5f, 2.5,"
                + " 00000000-0000-0001-0000-000000000002, null, (\"x\", null, (true)))");
  }

  @Test
  void print_encodedTuple_decoded() {
    byte[] key = new TupleWriter().add("é").add(7L).add(new byte[0]).toBytes();
    assertThat(TupleText.print(key)).isEqualTo("(\"é\", 7, 0x)");
    assertThat(TupleText.print(new byte[0])).isEqualTo("()");
  }

  @Test
  void print_anyTruncationOfATuple_neverFails() {
    byte[] key = new TupleWriter().add("ab").add(new Versionstamp(1, 2, 3)).add(9_999).toBytes();
    for (int length = 1; length < key.length; length++) {
      byte[] cut = Arrays.copyOf(key, length);
      assertThat(TupleText.print(cut)).matches("0x([0-9a-f]{2})+|\\(.*\\)");
    }
    assertThat(TupleText.print(Arrays.copyOf(key, 5))).isEqualTo("0x0261620033");
  }

  @Test
  void quote_textThatUpsetsATerminal_harmless() {
    assertThat(TupleText.quote("plain")).isEqualTo("\"plain\"");
    assertThat(TupleText.quote("say \"x\"")).isEqualTo("\"say \\\"x\\\"\"");
    assertThat(TupleText.quote("back\\slash")).isEqualTo("\"back\\\\slash\"");
    assertThat(TupleText.quote("line\nbreak")).isEqualTo("\"line\\u000abreak\"");
    assertThat(TupleText.quote("esc\u001b[2J")).isEqualTo("\"esc\\u001b[2J\"");
    assertThat(TupleText.quote("turn\u202Earound")).isEqualTo("\"turn\\u202earound\"");
    assertThat(TupleText.quote("half\uD83D")).isEqualTo("\"half\\ud83d\"");
    assertThat(TupleText.quote("\uD83D\uDE00")).isEqualTo("\"\uD83D\uDE00\"");
  }
}
