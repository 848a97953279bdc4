package io.divan.query.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares the checks of request bodies with those of CouchDB 3.5.2. The error {@code any} stands
 * for an internal error of CouchDB, which is a bad request here.
 */
class RequestsTest {
  private static final Path FILE = Path.of("src", "test", "resources", "mango", "requests.jsonl");

  /** The part of a reason before or after the argument, which CouchDB shows as an Erlang term. */
  private static final Pattern WITHOUT_ARGUMENT =
      Pattern.compile(
          "((?:Bad argument for operator [^:]*|Invalid (?:index name|string|boolean value"
              + "|sort field|JSON for field spec|field normalization on selector)"
              + "|Selector must be a JSON object, not|JSON indexes must be an object, not"
              + "|Sort must be an array of sort specs, not|Fields must be an array of strings, not"
              + "|Bulk Delete requires an array of non-null docids. Docids): ).*"
              + "|.*( is not an integer greater than .*)",
          Pattern.DOTALL);

  static Stream<String> requests() throws IOException {
    return Files.readAllLines(FILE).stream();
  }

  @ParameterizedTest
  @MethodSource("requests")
  void read_request_asCouchDb(String line) {
    Map<String, JsonValue> request = members(line);
    if (!request.containsKey("error")) {
      if (read(request) instanceof IndexRequest index) {
        assertThat(index.name()).isEqualTo(text(request.get("name")));
        assertThat(index.designDocument()).isEqualTo(text(request.get("id")));
      }
      return;
    }
    String error = text(request.get("error"));
    assertThatThrownBy(() -> read(request))
        .isInstanceOfSatisfying(
            QueryException.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(error.startsWith("required") ? 503 : 400);
              if (!error.equals("any")) {
                assertThat(refused.error()).isEqualTo(error);
                assertThat(withoutArgument(refused.reason()))
                    .isEqualTo(withoutArgument(text(request.get("reason"))));
              }
            });
  }

  private static Object read(Map<String, JsonValue> request) {
    JsonValue.Obj body = (JsonValue.Obj) request.get("body");
    return switch (text(request.get("kind"))) {
      case "find" -> FindRequest.read(body, request.containsKey("limit") ? -1 : 25);
      case "index" -> IndexRequest.read(body);
      default -> BulkDeleteRequest.read(body);
    };
  }

  private static String withoutArgument(String reason) {
    Matcher matcher = WITHOUT_ARGUMENT.matcher(reason);
    return matcher.matches()
        ? Optional.ofNullable(matcher.group(1)).orElseGet(() -> matcher.group(2))
        : reason;
  }

  @Test
  void read_find_allMembers() {
    FindRequest request =
        FindRequest.read(
            object(
                """
                {"selector":{"a":1},"use_index":"_design/d/i","bookmark":"b","limit":3,"skip":2,\
                "sort":[{"a":"desc"}],"fields":["a"],"r":2,"conflicts":true,"stale":"ok",\
                "update":false,"stable":true,"execution_stats":true,"allow_fallback":false}"""),
            25);

    assertThat(request.selector().normalized()).isEqualTo(object("{\"a\":{\"$eq\":1}}"));
    assertThat(request.useIndex()).containsExactly("d", "i");
    assertThat(request.bookmark()).contains("b");
    assertThat(request.limit()).isEqualTo(3);
    assertThat(request.skip()).isEqualTo(2);
    assertThat(request.sort()).containsExactly(new SortField("a", true));
    assertThat(request.descending()).isTrue();
    assertThat(request.fields()).containsExactly("a");
    assertThat(request.readQuorum()).isEqualTo(2);
    assertThat(request.conflicts()).isTrue();
    assertThat(request.stale()).isTrue();
    assertThat(request.update()).isFalse();
    assertThat(request.stable()).isTrue();
    assertThat(request.executionStats()).isTrue();
    assertThat(request.allowFallback()).isFalse();
  }

  @Test
  void read_findWithLargeLimit_largest() {
    FindRequest request =
        FindRequest.read(object("{\"selector\":{},\"limit\":100000000000000000000}"), 25);

    assertThat(request.limit()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void read_bookmarkOfCouchDbsFirstPage_none() {
    assertThat(FindRequest.read(object("{\"selector\":{},\"bookmark\":\"nil\"}"), 25).bookmark())
        .isEmpty();
  }

  @Test
  void read_text_serviceUnavailable() {
    assertThatThrownBy(() -> FindRequest.read(object("{\"selector\":{\"$text\":\"x\"}}"), 25))
        .isInstanceOfSatisfying(
            QueryException.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(503);
              assertThat(refused.error()).isEqualTo("required index service unavailable");
              assertThat(refused.reason()).isEqualTo("text");
            });
  }

  @Test
  void read_index_allMembers() {
    IndexRequest request =
        IndexRequest.read(
            object(
                """
                {"index":{"fields":["a",{"b":"asc"}],"partial_filter_selector":{"c":1}},\
                "name":"n","ddoc":"_design/d","type":"json","w":3,"partitioned":false}"""));

    assertThat(request.columns())
        .containsExactly(new SortField("a", false), new SortField("b", false));
    assertThat(request.partialFilter()).isEqualTo(object("{\"c\":{\"$eq\":1}}"));
    assertThat(request.definition().members().get("partial_filter_selector"))
        .isEqualTo(object("{\"c\":1}"));
    assertThat(request.name()).isEqualTo("n");
    assertThat(request.designDocument()).isEqualTo("_design/d");
    assertThat(request.partitioned()).isTrue();
  }

  private static Map<String, JsonValue> members(String json) {
    return object(json).members();
  }

  private static JsonValue.Obj object(String json) {
    return (JsonValue.Obj) JsonValue.read(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(JsonValue value) {
    return ((JsonValue.Str) value).text();
  }
}
