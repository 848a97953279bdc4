package io.divan.json;

import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.document.RandomJson;
import io.divan.storage.Seeds;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonTest {

  private static final String MALFORMED = "invalid UTF-8 JSON";

  /** Returns one byte per read, so that every multi-byte character is split. */
  private static InputStream slow(byte[] bytes) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] target, int offset, int length) {
        return super.read(target, offset, Math.min(length, 1));
      }
    };
  }

  private static String copy(JsonParser parser) {
    try (parser) {
      parser.nextToken();
      if (parser.currentToken() == null) {
        throw new JsonException.Malformed(MALFORMED);
      }
      JsonBuffer out = new JsonBuffer();
      Json.copyValue(parser, out);
      Json.expectEnd(parser);
      return out.toString();
    } catch (JacksonException e) {
      throw Json.malformed(e);
    }
  }

  private static String canonical(String json) {
    String copied = copy(Json.parser(utf8(json)));
    assertThat(copy(Json.parser(slow(utf8(json))))).isEqualTo(copied);
    return copied;
  }

  private static void assertMalformed(byte[] json) {
    assertThatExceptionOfType(JsonException.Malformed.class)
        .isThrownBy(() -> copy(Json.parser(json)))
        .withMessage(MALFORMED);
    assertThatExceptionOfType(JsonException.Malformed.class)
        .isThrownBy(() -> copy(Json.parser(slow(json))))
        .withMessage(MALFORMED);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "{\"z\":1,\"a\":2,\"m\":{\"z\":1,\"a\":2}}    | {\"z\":1,\"a\":2,\"m\":{\"z\":1,\"a\":2}}",
    "` { \"a\" : [ 1 , 2 ] ,\n \"b\":{ } }\t\r\n` | {\"a\":[1,2],\"b\":{}}",
    "{\"k\":1,\"k\":2,\"j\":3,\"k\":4}            | {\"k\":4,\"j\":3}",
    "{\"o\":[{\"k\":1,\"k\":{\"x\":1,\"x\":[]}}]} | {\"o\":[{\"k\":{\"x\":[]}}]}",
    "{\"a\":1,\"\\u0061\":2}                      | {\"a\":2}",
    "{\"\":{\"\":[]}}                             | {\"\":{\"\":[]}}",
    "[true,false,null,\"\",[],{}]                 | [true,false,null,\"\",[],{}]",
    "\"text\"                                     | \"text\"",
    " 17                                          | 17",
  })
  void copyValue_canonical(String json, String canonical) {
    assertThat(canonical(json)).isEqualTo(canonical);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "\\u0000\\u0001\\u001F\\u007f\\u2028\\/\\b\\f\\n\\r\\t"
        + " | \\u0000\\u0001\\u001f\u007F\u2028/\\b\\f\\n\\r\\t",
    "\\\"\\\\            | \\\"\\\\",
    "é\\u00e9<>&\\u0027  | éé<>&'",
    "\\ud83d\\uDE00😀   | 😀😀",
    "\uFFFF\uDBFF\uDFFF  | \uFFFF\uDBFF\uDFFF",
    "\uFEFF\uFFFD\\ufffd | \uFEFF\uFFFD\uFFFD",
  })
  void copyValue_text_escapedMinimally(String text, String canonical) {
    assertThat(canonical("\"" + text + "\"")).isEqualTo("\"" + canonical + "\"");
    assertThat(canonical("{\"" + text + "\":1}")).isEqualTo("{\"" + canonical + "\":1}");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "0", "-0", "-0.0", "1.00", "1e2", "1E+2", "1e400", "-1e400", "1e-400", "5e-324",
    "12345678901234567890123", "3.141592653589793238462643", "9223372036854775808",
    "1e999999999999"
  })
  void copyValue_number_keptAsSent(String number) {
    assertThat(canonical("{\"a\":" + number + "}")).isEqualTo("{\"a\":" + number + "}");
    assertThat(canonical(number)).isEqualTo(number);
  }

  @Test
  void copyValue_duplicateMembers_lastValueAtTheFirstPosition() {
    String json =
        IntStream.range(0, 100)
            .mapToObj(i -> "\"m" + i % 37 + "\":" + i)
            .collect(Collectors.joining(",", "{", "}"));
    String expected =
        IntStream.range(0, 37)
            .mapToObj(i -> "\"m" + i + "\":" + (i + 37 >= 74 ? i + 37 : i + 37 * ((99 - i) / 37)))
            .collect(Collectors.joining(",", "{", "}"));
    assertThat(canonical(json)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "  ", "{\"a\":", "{\"a\":1} x", "{a:1}", "{'a':1}", "{\"a\":01}", "{\"a\":NaN}",
    "{\"a\":1,}", "{\"a\":\"\t\"}", "{\"a\":\"\\x\"}", "{\"a\":1.}", "{\"a\":.5}",
    "{\"a\":+1}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":Infinity}", "{\"a\":[1,]}",
    "/*c*/{}", "{} // c", "# c\n{}", "[1 2]", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{} {}", "{}]",
    "\uFEFF{\"a\":1}", "{\"a\":\"x\u0000y\"}", "\"\\u12\"", "\"", "[", "-", "00"
  })
  void copyValue_invalidJson_malformed(String json) {
    assertMalformed(utf8(json));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800x", "\\ud800\\ud800\\udc00", "x\\udbff"
  })
  void copyValue_unpairedSurrogate_malformed(String text) {
    assertMalformed(utf8("{\"a\":\"" + text + "\"}"));
    assertMalformed(utf8("{\"" + text + "\":1}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "ff", "80", "bf", "c080", "c0af", "c1bf", "c3", "c328", "e08080", "e09fbf", "e282",
    "e28228", "eda080", "edbfbf", "eda0bdedb880", "f0808080", "f08fbfbf", "f09f98", "f4908080",
    "f5808080", "f8888080", "fe", "c2c2a9", "00"
  })
  void copyValue_invalidUtf8_malformed(String hex) {
    byte[] bad = HexFormat.of().parseHex(hex);
    assertMalformed(surrounded("{\"a\":\"", bad, "\"}"));
    assertMalformed(surrounded("{\"", bad, "\":1}"));
    assertMalformed(surrounded("{} ", bad, ""));
    assertMalformed(surrounded("", bad, "{}"));
  }

  private static byte[] surrounded(String before, byte[] bytes, String after) {
    return new JsonBuffer().raw(before).raw(bytes).raw(after).toBytes();
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE", "UTF-32LE"})
  void copyValue_otherEncoding_malformed(String encoding) throws java.io.IOException {
    assertMalformed("{\"a\":1}".getBytes(encoding));
    assertMalformed("1".getBytes(encoding));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf"
  })
  void copyValue_edgesOfUtf8_kept(String hex) {
    String text = text(HexFormat.of().parseHex(hex));
    assertThat(canonical("[\"" + text + "\"]")).isEqualTo("[\"" + text + "\"]");
  }

  private static String nested(int depth, String open, String close) {
    return open.repeat(depth - 1) + "[]" + close.repeat(depth - 1);
  }

  @Test
  void copyValue_depth_upTo500() {
    assertThat(canonical(nested(500, "[", "]"))).isEqualTo(nested(500, "[", "]"));
    assertThat(canonical(nested(500, "{\"a\":", "}"))).isEqualTo(nested(500, "{\"a\":", "}"));
    assertTooMuch(nested(501, "[", "]"));
    assertTooMuch(nested(501, "{\"a\":", "}"));
    assertTooMuch("[".repeat(100_000));
  }

  private static void assertTooMuch(String json) {
    assertThatExceptionOfType(JsonException.Malformed.class)
        .isThrownBy(() -> canonical(json))
        .withMessageStartingWith("JSON exceeds a limit: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0.", "1e", "-"})
  void copyValue_number_upToTenThousandCharacters(String begin) {
    String longest = begin + "1".repeat(10_000 - begin.length());
    assertThat(canonical("[" + longest + "]")).isEqualTo("[" + longest + "]");
    assertTooMuch("[" + longest + "1".repeat(20) + "]");
  }

  @Test
  void copyValue_name_upToFiftyThousandCharacters() {
    String longest = "{\"" + "n".repeat(50_000) + "\":1}";
    assertThat(canonical(longest)).isEqualTo(longest);
    assertTooMuch("{\"" + "n".repeat(50_001) + "\":1}");
  }

  @Test
  void copyValue_largerThanADocument_tooLargeAnywhere() {
    String text = "\"" + "x".repeat(8_000_001) + "\"";
    String array = "[" + "1,".repeat(4_000_000) + "1]";
    String object = "{\"a\":".repeat(3) + array + "}".repeat(3);
    for (String json : new String[] {text, array, object}) {
      assertThatExceptionOfType(JsonException.TooLarge.class)
          .isThrownBy(() -> copy(Json.parser(utf8(json))));
    }
  }

  @Test
  void copyValue_randomJson_sameTreeAndStable() {
    long seed = Seeds.seed(20_260_102);
    Random random = new Random(seed);
    JsonMapper mapper =
        JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
    for (int i = 0; i < 3_000; i++) {
      String json = RandomJson.object(random);
      String canonical = canonical(json);
      assertThat(canonical(canonical)).as(Seeds.replay(seed)).isEqualTo(canonical);
      JsonNode expected = mapper.readTree(json);
      JsonNode actual = mapper.readTree(canonical);
      assertThat(actual).as(Seeds.replay(seed) + ": " + json).isEqualTo(expected);
      assertThat(actual.toString()).as(Seeds.replay(seed)).isEqualTo(expected.toString());
    }
  }
}
