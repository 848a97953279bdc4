package io.divan.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.SharedService;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** {@code _find} page by page, with changes in between. */
@ExtendWith(SharedService.class)
class FindPagesTest {
  private static final String BY_INDEX = "'selector':{'n':{'$gte':0}},'limit':3";
  private static final String SCAN = "'selector':{'m':{'$gte':0}},'limit':3";

  private static JsonNode page(Queries queries, String query, String bookmark) {
    return queries.find("{" + query + ",'bookmark':'" + bookmark + "'}");
  }

  private static List<String> rest(Queries queries, String query, String bookmark) {
    List<String> ids = new ArrayList<>();
    String next = bookmark;
    while (true) {
      JsonNode page = page(queries, query, next);
      if (Queries.ids(page).isEmpty()) {
        assertThat(page.get("bookmark").asString()).isEqualTo(next);
        return ids;
      }
      ids.addAll(Queries.ids(page));
      next = page.get("bookmark").asString();
    }
  }

  @Test
  void pages_haveEachDocumentOnce(Http http) {
    Queries queries = Queries.ofDocuments(http, 20);
    List<String> all = queries.ids("{'selector':{},'limit':100}");
    assertThat(rest(queries, SCAN, "")).isEqualTo(all);
    queries.index("n", "n");
    assertThat(rest(queries, BY_INDEX, "")).isEqualTo(all);
    assertThat(rest(queries, BY_INDEX + ",'sort':[{'n':'desc'}]", ""))
        .isEqualTo(all.reversed());
  }

  @Test
  void pages_lastDocumentDeleted_skipNothing(Http http) {
    Queries queries = Queries.ofDocuments(http, 8);
    queries.index("n", "n");
    for (String query : List.of(BY_INDEX, SCAN)) {
      JsonNode first = page(queries, query, "");
      String last = Queries.ids(first).getLast();
      String rev = first.get("docs").get(2).get("_rev").asString();
      queries.delete(last + "?rev=" + rev);
      List<String> rest = rest(queries, query, first.get("bookmark").asString());
      assertThat(rest).hasSize(5 - (query.equals(SCAN) ? 1 : 0)).doesNotContain(last);
    }
  }

  @Test
  void pages_documentsAdded_comeInTheirPlaces(Http http) {
    Queries queries = Queries.ofDocuments(http, 6);
    queries.index("n", "n");
    String bookmark = page(queries, BY_INDEX, "").get("bookmark").asString();
    queries.put("early", "{'n':0.5}");
    queries.put("late", "{'n':3.5}");
    assertThat(rest(queries, BY_INDEX, bookmark)).containsExactly("d03", "late", "d04", "d05");
  }

  @Test
  void pages_indexCreatedBetween_keepTheirOrder(Http http) {
    Queries queries = Queries.ofDocuments(http, 9);
    String selector = "'selector':{'m':{'$gte':0}},'limit':4";
    JsonNode first = page(queries, selector, "");
    queries.index("m", "m");
    List<String> ids = Queries.ids(first);
    ids.addAll(rest(queries, selector, first.get("bookmark").asString()));
    assertThat(ids).isEqualTo(queries.ids("{'selector':{},'limit':100}"));
  }

  @Test
  void pages_indexDeletedBetween_loseNothing(Http http) {
    Queries queries = Queries.ofDocuments(http, 6);
    queries.index("n", "n");
    String bookmark = page(queries, BY_INDEX, "").get("bookmark").asString();
    queries.delete("_index/n/json/n");
    assertThat(rest(queries, BY_INDEX, bookmark)).contains("d03", "d04", "d05");
  }

  @Test
  void pages_emptyOnes(Http http) {
    Queries queries = Queries.ofDocuments(http, 2);
    JsonNode none = page(queries, "'selector':{'n':9}", "");
    assertThat(none.get("bookmark").asString()).isEqualTo("nil");
    assertThat(queries.ids("{'selector':{'n':1},'bookmark':'nil'}")).containsExactly("d01");
    JsonNode skipped = page(queries, "'selector':{},'skip':5", "");
    assertThat(Queries.ids(skipped)).isEmpty();
    assertThat(skipped.get("bookmark").asString()).isNotEqualTo("nil");
  }
}
