package io.divan.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.SharedService;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code _find}: results, order, statistics, warnings and errors. */
@ExtendWith(SharedService.class)
class FindTest {
  private static final String NO_INDEX =
      "No matching index found, create an index to optimize query time.";
  private static final String MANY =
      "The number of documents examined is high in proportion to the number of results returned."
          + " Consider adding a more specific index to improve this.";

  @Test
  void find_hasTheFramingOfCouchDb(Http http) {
    Queries queries = Queries.ofDocuments(http, 3);
    queries.index("n", "n");
    HttpAnswer answer =
        queries.post("_find", "{'selector':{'n':{'$gt':0}},'fields':['n'],'limit':2}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Cache-Control")).contains("must-revalidate");
    assertThat(answer.text())
        .matches(
            "\\{\"docs\":\\[\r\n\\{\"n\":1\\},\r\n\\{\"n\":2\\}\r\n\\],\r\n"
                + "\"bookmark\": \"[\\w-]+\"\\}\r\n\n");
  }

  @Test
  void find_contradiction_hasNoBookmark(Http http) {
    Queries queries = Queries.ofDocuments(http, 3);
    queries.index("n", "n");
    assertThat(queries.post("_find", "{'selector':{'n':1,'$and':[{'n':2}]}}").text())
        .isEqualTo("{\"docs\":[\r\n]}\r\n\n");
    assertThat(queries.post("_find", "{'selector':{'$or':[]}}").text())
        .isEqualTo("{\"docs\":[\r\n]}\r\n\n");
  }

  @Test
  void find_readsItsWrites(Http http) {
    Queries queries = Queries.ofDocuments(http, 10);
    queries.index("n", "n");
    assertThat(queries.ids("{'selector':{'n':{'$gte':8}}}")).containsExactly("d08", "d09");
    queries.put("new", "{'n':8.5}");
    assertThat(queries.ids("{'selector':{'n':{'$gte':8}}}"))
        .containsExactly("d08", "new", "d09");
    String rev = queries.get("d08").json().get("_rev").asString();
    queries.delete("d08?rev=" + rev);
    assertThat(queries.ids("{'selector':{'n':{'$gte':8}}}")).containsExactly("new", "d09");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          {'n':{'$gt':2,'$lt':6}}
          {'n':{'$gte':2,'$lte':6}}
          {'n':{'$in':[7,1,3]}}
          {'n':{'$ne':3}}
          {'m':2}
          {'m':{'$in':[1,4]},'n':{'$gt':5}}
          {'m':3,'n':{'$lt':10}}
          {'m':{'$gt':3},'n':{'$in':[4,9]}}
          {'$or':[{'n':1},{'n':{'$gt':17}}]}
          {'in.s':{'$beginsWith':'s1'}}
          {'in.s':{'$regex':'7$'}}
          """)
  void find_withAndWithoutIndexes_hasTheSameResults(String selector, Http http) {
    Queries plain = Queries.ofDocuments(http, 20);
    plain.put("list", "{'n':[1,3],'m':[2]}");
    List<String> expected = plain.ids("{'selector':" + selector + ",'limit':100}");
    assertThat(expected).isNotEmpty();
    plain.index("n", "n");
    plain.index("m", "m", "n");
    plain.index("s", "in.s");
    JsonNode found = plain.find("{'selector':" + selector + ",'limit':100}");
    assertThat(Queries.ids(found)).containsExactlyInAnyOrderElementsOf(expected);
  }

  /**
   * In selectors, strings are greater than arrays and objects, though only those of {@code _id}.
   */
  @Test
  void find_idsAboveAnArray_areAll(Http http) {
    Queries queries = Queries.ofDocuments(http, 2);
    assertThat(queries.ids("{'selector':{'_id':{'$gt':[]}}}")).containsExactly("d00", "d01");
    assertThat(queries.ids("{'selector':{'_id':{'$gte':{}}},'sort':[{'_id':'desc'}]}"))
        .containsExactly("d01", "d00");
    assertThat(queries.ids("{'selector':{'_id':{'$lt':[]}}}")).isEmpty();
    assertThat(queries.ids("{'selector':{'in':{'$gt':[]}}}")).containsExactly("d00", "d01");
  }

  @Test
  void find_sorted_bothDirections(Http http) {
    Queries queries = Queries.ofDocuments(http, 12);
    queries.index("mn", "m", "n");
    String selector = "{'selector':{'m':{'$gte':3}},'sort':[{'m':'%s'},{'n':'%s'}]}";
    List<String> ascending = queries.ids(selector.formatted("asc", "asc"));
    assertThat(ascending).containsExactly("d03", "d08", "d04", "d09");
    assertThat(queries.ids(selector.formatted("desc", "desc")))
        .containsExactlyElementsOf(ascending.reversed());
  }

  @Test
  void find_sortWithoutIndex_isRefused(Http http) {
    HttpAnswer answer =
        Queries.ofDocuments(http, 1).post("_find", "{'selector':{'n':1},'sort':['n']}");
    expectError(
        answer,
        400,
        "no_usable_index",
        "No index exists for this sort, try indexing by the sort fields.");
  }

  @Test
  void find_covered_readsNoDocuments(Http http) {
    Queries queries = Queries.ofDocuments(http, 5);
    queries.index("s", "in.s");
    JsonNode answer =
        queries.find(
            "{'selector':{'in.s':'s3'},'fields':['in.s','_id'],'execution_stats':true}");
    assertThat(answer.get("docs").toString())
        .isEqualTo("[{\"in\":{\"s\":\"s3\"},\"_id\":\"d03\"}]");
    assertThat(answer.get("execution_stats").get("total_keys_examined").asInt()).isEqualTo(1);
    assertThat(answer.get("execution_stats").get("total_docs_examined").asInt()).isZero();
  }

  @Test
  void find_statistics_countUpToTheMatchAfterTheLimit(Http http) {
    Queries queries = Queries.ofDocuments(http, 30);
    JsonNode stats =
        queries
            .find("{'selector':{'m':0},'limit':2,'skip':1,'execution_stats':true}")
            .get("execution_stats");
    assertThat(stats.get("total_keys_examined").asInt()).isEqualTo(16);
    assertThat(stats.get("total_docs_examined").asInt()).isEqualTo(16);
    assertThat(stats.get("total_quorum_docs_examined").asInt()).isZero();
    assertThat(stats.get("results_returned").asInt()).isEqualTo(2);
    assertThat(stats.get("execution_time_ms").isDouble()).isTrue();
    JsonNode quorum =
        queries
            .find("{'selector':{'m':0},'limit':2,'r':2,'execution_stats':true}")
            .get("execution_stats");
    assertThat(quorum.get("total_docs_examined").asInt()).isZero();
    assertThat(quorum.get("total_quorum_docs_examined").asInt()).isEqualTo(11);
  }

  @Test
  void find_warnings(Http http) {
    Queries queries = Queries.ofDocuments(http, 30);
    assertThat(warning(queries.find("{'selector':{'m':{'$gte':0}}}"))).contains(NO_INDEX);
    assertThat(warning(queries.find("{'selector':{'n':3}}"))).contains(NO_INDEX + "\n" + MANY);
    queries.index("m", "m");
    assertThat(warning(queries.find("{'selector':{'m':3}}"))).isEmpty();
    assertThat(warning(queries.find("{'selector':{'m':3,'n':3},'use_index':'x/y'}")))
        .contains(
            "_design/x, y was not used because it is not a valid index for this query.");
  }

  private static Optional<String> warning(JsonNode answer) {
    return Optional.ofNullable(answer.get("warning")).map(JsonNode::asString);
  }

  @Test
  void find_conflicts_areShownFromOneCopyOnly(Http http) {
    Queries queries = Queries.ofDocuments(http, 0);
    queries.index("k", "k");
    for (String revision : List.of("1-a", "1-b")) {
      queries.post(
          "_bulk_docs",
          "{'new_edits':false,'docs':[{'_id':'x','_rev':'" + revision + "','k':1}]}");
    }
    JsonNode shown = queries.find("{'selector':{'k':1},'conflicts':true}").get("docs").get(0);
    assertThat(shown.toString())
        .isEqualTo("{\"_id\":\"x\",\"_rev\":\"1-b\",\"k\":1,\"_conflicts\":[\"1-a\"]}");
    assertThat(queries.find("{'selector':{'k':1},'conflicts':true,'r':2}").toString())
        .doesNotContain("_conflicts");
  }

  @Test
  void find_designDocuments_areNoResults(Http http) {
    Queries queries = Queries.ofDocuments(http, 1);
    queries.index("n", "n");
    assertThat(queries.ids("{'selector':{}}")).containsExactly("d00");
    assertThat(queries.ids("{'selector':{'language':'query'}}")).isEmpty();
  }

  @Test
  void find_partialIndex_isUsedWhenNamed(Http http) {
    Queries queries = Queries.ofDocuments(http, 10);
    queries.post(
        "_index",
        "{'index':{'fields':['m'],'partial_filter_selector':{'n':{'$gt':5}}},'ddoc':'p'}");
    assertThat(queries.ids("{'selector':{'m':{'$gte':3}},'use_index':'p'}"))
        .containsExactly("d08", "d09");
    assertThat(queries.ids("{'selector':{'m':{'$gte':3}}}"))
        .containsExactly("d03", "d04", "d08", "d09");
  }

  @Test
  void find_longKeys_areInOrder(Http http) {
    Queries queries = Queries.ofDocuments(http, 0);
    queries.index("t", "t");
    String prefix = "x".repeat(10_000);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      String id = "t" + (i * 5) % 9;
      queries.put(id, "{'t':'" + prefix + (char) ('a' + i) + "'}");
      expected.add(id);
    }
    List<String> found = new ArrayList<>();
    String bookmark = "";
    do {
      JsonNode page =
          queries.find(
              "{'selector':{'t':{'$gt':'a'}},'limit':2,'sort':['t'],'bookmark':'" + bookmark
                  + "'}");
      bookmark = page.get("bookmark").asString();
      if (Queries.ids(page).isEmpty()) {
        break;
      }
      found.addAll(Queries.ids(page));
    } while (found.size() < 20);
    assertThat(found).containsExactlyElementsOf(expected);
  }

  @Test
  void find_text_needsAnotherService(Http http) {
    HttpAnswer answer = Queries.ofDocuments(http, 1).post("_find", "{'selector':{'$text':'a'}}");
    expectError(answer, 503, "required index service unavailable", "text");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          {}|missing_required_key|Missing required key: selector
          {'selector':{},'x':1}|invalid_key|Invalid key x for this request.
          {'selector':{},'w':1}|invalid_key|Invalid key w for this request.
          {'selector':{},'r':0}|invalid_pos_integer|0 is not an integer greater than zero
          {'selector':{'a':{'$foo':1}}}|invalid_operator|Invalid operator: $foo
          {'selector':{},'fields':['a..b']}|invalid_field_name|Invalid field name: a..b
          {'selector':{},'bookmark':'x'}|invalid_bookmark|Invalid bookmark value: "x"
          {'selector':{},'partition':1}|illegal_partition|Partition must be a string
          [1]|bad_request|Request body must be a JSON object
          {|bad_request|invalid UTF-8 JSON
          """)
  void find_badRequest(String body, String error, String reason, Http http) {
    Queries queries = Queries.ofDocuments(http, 1);
    expectError(queries.post("_find", body), 400, error, reason);
  }

  @Test
  void find_otherMethodsAndTypes(Http http) {
    Queries queries = Queries.ofDocuments(http, 1);
    HttpAnswer get = queries.get("_find");
    expectError(get, 405, "method_not_allowed", "Only POST allowed");
    assertThat(get.header("Allow")).contains("POST");
    assertThat(queries.head("_find/more").status()).isEqualTo(405);
    HttpAnswer untyped =
        http.send(
            "POST",
            queries.database() + "/_find",
            http.credentials(),
            Optional.of("{\"selector\":{}}".getBytes(StandardCharsets.UTF_8)));
    expectError(untyped, 415, "bad_content_type", "Content-Type must be application/json");
    assertThat(queries.post("_find/", "{'selector':{}}").status()).isEqualTo(200);
    assertThat(http.post("/nosuchdb/_find", "{\"selector\":{}}").status()).isEqualTo(404);
  }

  private static void expectError(HttpAnswer answer, int status, String error, String reason) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.json().get("error").asString()).isEqualTo(error);
    assertThat(answer.json().get("reason").asString()).isEqualTo(reason);
  }
}
