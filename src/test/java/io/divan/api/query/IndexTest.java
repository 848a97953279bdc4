package io.divan.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code _index} and {@code _explain}. */
@ExtendWith(SharedService.class)
class IndexTest {
  private static final String ALL_DOCS =
      "{\"ddoc\":null,\"name\":\"_all_docs\",\"type\":\"special\","
          + "\"def\":{\"fields\":[{\"_id\":\"asc\"}]}}";

  @Test
  void create_writesTheDesignDocumentOfCouchDb(Http http) {
    Queries queries = Queries.ofDocuments(http, 0);
    HttpAnswer created =
        queries.post("_index", "{'index':{'fields':['a',{'b.c':'asc'}]},'ddoc':'x','name':'y'}");
    assertThat(created.text())
        .isEqualTo("{\"result\":\"created\",\"id\":\"_design/x\",\"name\":\"y\"}\n");
    assertThat(queries.get("_design/x").text())
        .endsWith(
            "\"language\":\"query\",\"views\":{\"y\":{\"map\":{\"fields\":{\"a\":\"asc\","
                + "\"b.c\":\"asc\"},\"partial_filter_selector\":{}},\"reduce\":\"_count\","
                + "\"options\":{\"def\":{\"fields\":[\"a\",{\"b.c\":\"asc\"}]}}}}}\n");
  }

  @Test
  void create_again_existsOrReplaces(Http http) {
    Queries queries = Queries.ofDocuments(http, 0);
    String index = "{'index':{'fields':[%s]},'ddoc':'x','name':'y'}";
    queries.post("_index", index.formatted("'a','b'"));
    assertThat(result(queries, index.formatted("'a','b'"))).isEqualTo("exists");
    assertThat(result(queries, index.formatted("'b','a'"))).isEqualTo("created");
    assertThat(queries.get("_index").json().get("total_rows").asInt()).isEqualTo(2);
    assertThat(queries.get("_design/x").json().get("_rev").asString()).startsWith("2-");
  }

  private static String result(Queries queries, String json) {
    return queries.post("_index", json).json().get("result").asString();
  }

  @Test
  void designDocument_ofAWrongForm_isRefusedInEveryWay(Http http) {
    Queries queries = Queries.ofDocuments(http, 0);
    String views = "'language':'query','views':{'v':{'map':'x'}}}";
    String refused =
        "\"error\":\"invalid_design_doc\","
            + "\"reason\":\"`views.v.map` field must have object type\"}";
    HttpAnswer put = queries.put("_design/x", "{" + views);
    assertThat(put.status()).isEqualTo(400);
    assertThat(put.text()).contains(refused);
    assertThat(queries.post("_bulk_docs", "{'docs':[{'_id':'_design/x'," + views + "]}").text())
        .isEqualTo("[{\"id\":\"_design/x\"," + refused + "]\n");
    assertThat(
        queries
            .post(
                "_bulk_docs",
                "{'new_edits':false,'docs':[{'_id':'_design/x','_rev':'1-a'," + views + "]}")
            .text())
        .isEqualTo("[{\"id\":\"_design/x\",\"rev\":\"1-a\"," + refused + "]\n");
    assertThat(queries.get("_design/x").status()).isEqualTo(404);
  }

  @Test
  void create_withoutNames_hasThoseOfCouchDb(Http http) {
    HttpAnswer created =
        Queries.ofDocuments(http, 0).post("_index", "{'index':{'fields':['a']}}");
    String name = "7095fd2321a986309496ad2ac9c3498246175757";
    assertThat(created.json().get("id").asString()).isEqualTo("_design/" + name);
    assertThat(created.json().get("name").asString()).isEqualTo(name);
  }

  @Test
  void create_intoAnotherLanguage_isRefused(Http http) {
    Queries queries = Queries.ofDocuments(http, 0);
    queries.put("_design/js", "{'language':'javascript'}");
    HttpAnswer answer = queries.post("_index", "{'index':{'fields':['a']},'ddoc':'js'}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("error").asString()).isEqualTo("invalid_ddoc_lang");
  }

  @Test
  void list_pages(Http http) {
    Queries queries = Queries.ofDocuments(http, 0);
    assertThat(queries.get("_index").text())
        .isEqualTo("{\"total_rows\":1,\"indexes\":[" + ALL_DOCS + "]}\n");
    queries.index("b", "b");
    queries.index("a", "a");
    assertThat(queries.get("_index?limit=1&skip=1;skip=9").json().get("indexes").toString())
        .isEqualTo(
            "[{\"ddoc\":\"_design/a\",\"name\":\"a\",\"type\":\"json\",\"partitioned\":false,"
                + "\"def\":{\"fields\":[{\"a\":\"asc\"}]}}]");
    assertThat(queries.get("_index?skip=9").json().get("indexes").isEmpty()).isTrue();
    assertThat(queries.head("_index").status()).isEqualTo(200);
    for (String bad : new String[] {"limit=0", "skip=-1", "limit=x"}) {
      assertThat(queries.get("_index?" + bad).json().get("error").asString())
          .isEqualTo("invalid_list_index_params");
    }
  }

  @Test
  void delete_removesTheIndexAndTheLastTheDocument(Http http) {
    Queries queries = Queries.ofDocuments(http, 0);
    queries.post("_index", "{'index':{'fields':['a']},'ddoc':'x','name':'one'}");
    queries.post("_index", "{'index':{'fields':['b']},'ddoc':'x','name':'two'}");
    assertThat(queries.delete("_index/x/json/one").text()).isEqualTo("{\"ok\":true}\n");
    assertThat(queries.get("_design/x").json().get("views").size()).isEqualTo(1);
    assertThat(queries.delete("_index/x/json/one").status()).isEqualTo(404);
    assertThat(queries.delete("_index/x/text/two").status()).isEqualTo(404);
    assertThat(queries.delete("_index/_design%2Fx/json/two").status()).isEqualTo(200);
    assertThat(queries.get("_design/x").status()).isEqualTo(404);
  }

  @Test
  void bulkDelete_reportsInReverseOrder(Http http) {
    Queries queries = Queries.ofDocuments(http, 0);
    queries.index("a", "a");
    queries.index("b", "b");
    assertThat(queries.post("_index/_bulk_delete", "{'docids':['a','x','_design/b']}").text())
        .isEqualTo(
            "{\"success\":[{\"id\":\"_design/b\",\"ok\":true},{\"id\":\"_design/a\",\"ok\":true}],"
                + "\"fail\":[{\"id\":\"_design/x\",\"error\":\"not_found\"}]}\n");
    assertThat(queries.get("_index").json().get("total_rows").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          {'index':1}|400|invalid_index
          {'index':{'fields':['a']},'type':'text'}|503|required index service unavailable
          {'index':{'fields':[]},'name':''}|400|invalid_empty_string
          {'index':{'fields':[{'a':'up'}]}}|400|invalid_sort_field
          {}|400|missing_required_key
          """)
  void create_badRequest(String body, int status, String error, Http http) {
    HttpAnswer answer = Queries.ofDocuments(http, 0).post("_index", body);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().get("error").asString()).isEqualTo(error);
  }

  @Test
  void otherMethodsAndPaths(Http http) {
    Queries queries = Queries.ofDocuments(http, 0);
    assertThat(queries.put("_index", "{}").header("Allow")).contains("GET,POST");
    assertThat(queries.get("_index/_bulk_delete").header("Allow")).contains("POST");
    assertThat(queries.get("_index/x/json/y").header("Allow")).contains("DELETE");
    assertThat(queries.delete("_index/x/json").status()).isEqualTo(404);
    assertThat(queries.get("_index/").status()).isEqualTo(200);
    assertThat(queries.get("_explain").header("Allow")).contains("POST");
  }

  @Test
  void explain_showsTheChoice(Http http) {
    Queries queries = Queries.ofDocuments(http, 0);
    queries.index("a", "a");
    queries.index("b", "a", "b");
    HttpAnswer answer = queries.post("_explain", "{'selector':{'a':{'$gt':1}},'fields':['a']}");
    assertThat(answer.json().get("index").get("name").asString()).isEqualTo("a");
    assertThat(answer.json().get("covering").asBoolean()).isTrue();
    assertThat(answer.json().get("mrargs").get("start_key").toString()).isEqualTo("[1]");
    assertThat(answer.json().get("index_candidates").size()).isEqualTo(2);
    HttpAnswer sorted = queries.post("_explain", "{'selector':{'a':1},'sort':['x']}");
    assertThat(sorted.status()).isEqualTo(200);
    assertThat(sorted.json().get("index").isNull()).isTrue();
  }
}
