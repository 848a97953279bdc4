package io.divan.api.attachment;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.api.attachment.ByteRanges.Selection;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteRangesTest {
  private static final String ETAG = "\"aEI7pOYCRBLTRQvvqYrrJQ==\"";

  private static String select(String header, long length) {
    return text(ByteRanges.select(List.of(header), List.of(), ETAG, length));
  }

  private static String text(Selection selection) {
    return switch (selection) {
      case Selection.Whole() -> "200";
      case Selection.Unsatisfiable() -> "416";
      case Selection.Parts(List<ByteRanges.Range> ranges) ->
          ranges.stream().map(r -> r.first() + "-" + r.last()).collect(Collectors.joining(" "));
    };
  }

  /** The answers of CouchDB 3.5.2 for 29 bytes. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "bytes=0-28 | 0-28",
    "bytes=0- | 200",
    "bytes=2- | 2-28",
    "bytes=0-100 | 0-28",
    "bytes=28-28 | 28-28",
    "bytes=29- | 416",
    "bytes=29-30 | 416",
    "bytes=5-3 | 416",
    "bytes=-1 | 28-28",
    "bytes=-5 | 24-28",
    "bytes=-0 | 416",
    "bytes | 200",
    "bytes=abc | 200",
    "bytes=a-b | 200",
    "bytes=- | 200",
    "bytes=1-2-3 | 200",
    "items=0-5 | 200",
    "BYTES=0-5 | 200",
    "bytes 0-5 | 200",
    "bytes = 0-5 | 200",
    "'bytes= 0 - 5 ' | 200",
    "bytes=0-5;q=1 | 200",
    "bytes=+1-5 | 1-5",
    "bytes=0x1-5 | 200",
    "bytes=1-18446744073709551616 | 1-28",
    "bytes=18446744073709551616- | 416",
    "'' | 200",
    "' ' | 200",
    "bytes=0-1,3-4 | 0-1 3-4",
    "'bytes=0-1, 3-4' | 0-1 3-4",
    "bytes=0-1, | 0-1",
    "bytes=,0-1 | 0-1",
    "bytes=0-5,3-8 | 0-5 3-8",
    "bytes=3-4,0-1 | 3-4 0-1",
    "bytes=0-1,-2 | 0-1 27-28",
    "bytes=5-6,10- | 5-6 10-28",
    "bytes=0-,2-3 | 200",
    "bytes=2-3,0- | 200",
    "bytes=0-1,100-200 | 416",
    "bytes=0-1,5-2 | 416",
    "bytes=0-1,abc | 200",
    "bytes=0-0,0-0 | 0-0 0-0",
    "bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16 | "
        + "0-0 2-2 4-4 6-6 8-8 10-10 12-12 14-14 16-16",
    "bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18 | 200",
  })
  void select_asCouch(String header, String expected) {
    assertThat(select(header, 29)).isEqualTo(expected);
  }

  /** The requests that CouchDB 3.5.2 answers with the wrong bytes or nothing. */
  @ParameterizedTest
  @CsvSource({"bytes=-29, 0-28", "bytes=-100, 0-28", "bytes=, 200", "bytes=1, 200"})
  void select_asRfc(String header, String expected) {
    assertThat(select(header, 29)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"bytes=0-, 200", "bytes=0-0, 416", "bytes=-1, 416", "bytes=1-, 416"})
  void select_emptyContent(String header, String expected) {
    assertThat(select(header, 0)).isEqualTo(expected);
  }

  @Test
  void select_largestContent() {
    assertThat(select("bytes=1-99999999999999999999", Long.MAX_VALUE))
        .isEqualTo("1-" + (Long.MAX_VALUE - 1));
    assertThat(select("bytes=-00000000000000000000000001", Long.MAX_VALUE))
        .isEqualTo((Long.MAX_VALUE - 1) + "-" + (Long.MAX_VALUE - 1));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "\"aEI7pOYCRBLTRQvvqYrrJQ==\" | 0-3",
    "W/\"aEI7pOYCRBLTRQvvqYrrJQ==\" | 200",
    "\"other\" | 200",
    "Sat, 29 Oct 1994 19:43:31 GMT | 200",
  })
  void select_ifRange(String ifRange, String expected) {
    Selection selection =
        ByteRanges.select(List.of("bytes=0-3"), List.of(ifRange), ETAG, 29);
    assertThat(text(selection)).isEqualTo(expected);
  }

  @Test
  void select_noHeader() {
    assertThat(text(ByteRanges.select(List.of(), List.of(), ETAG, 29))).isEqualTo("200");
  }

  @Test
  void contentRange() {
    assertThat(new ByteRanges.Range(2, 28).contentRange(29)).isEqualTo("bytes 2-28/29");
    assertThat(Selection.Unsatisfiable.contentRange(29)).isEqualTo("bytes */29");
  }
}
