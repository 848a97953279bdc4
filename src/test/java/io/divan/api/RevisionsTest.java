package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** A document's history in responses. */
@ExtendWith(SharedService.class)
class RevisionsTest {
  private String db;

  /** A document with the live leaves 3-c and 2-d and the deleted leaf 2-e. */
  @BeforeEach
  void create(Http http) {
    db = http.newDatabase();
    http.post(
        db + "/_bulk_docs",
        "{\"new_edits\":false,\"docs\":["
            + "{\"_id\":\"a\",\"_revisions\":{\"start\":3,\"ids\":[\"c\",\"b\",\"a\"]}},"
            + "{\"_id\":\"a\",\"_revisions\":{\"start\":2,\"ids\":[\"d\",\"a\"]}},"
            + "{\"_id\":\"a\",\"_deleted\":true,"
            + "\"_revisions\":{\"start\":2,\"ids\":[\"e\",\"a\"]}}]}");
  }

  private JsonNode get(Http http, String query) {
    return http.get(db + "/a?" + query).json();
  }

  @Test
  void latest_withRevisionOptions_returnsThem(Http http) {
    String options = "&latest=true&revs_info=true&conflicts=true&deleted_conflicts=true"
        + "&local_seq=true";
    JsonNode winner = get(http, "rev=2-b" + options);
    assertThat(winner).isEqualTo(get(http, options.substring(1)));
    assertThat(winner.at("/_revs_info").toString())
        .isEqualTo(
            "[{\"rev\":\"3-c\",\"status\":\"available\"},{\"rev\":\"2-b\",\"status\":\"missing\"},"
                + "{\"rev\":\"1-a\",\"status\":\"missing\"}]");
    assertThat(winner.at("/_conflicts").toString()).isEqualTo("[\"2-d\"]");
    assertThat(winner.at("/_deleted_conflicts").toString()).isEqualTo("[\"2-e\"]");
    JsonNode other = get(http, "rev=2-d" + options);
    assertThat(other.at("/_rev").stringValue()).isEqualTo("2-d");
    assertThat(other.at("/_conflicts").toString()).isEqualTo("[\"3-c\"]");
    assertThat(http.get(db + "/a?rev=2-b" + options).header("ETag")).isEmpty();
    assertThat(http.get(db + "/a?rev=2-b&latest=true").header("ETag")).contains("\"3-c\"");
  }

  @Test
  void revisions_limitLowered_areTruncatedImmediately(Http http) {
    http.put(db + "/_revs_limit", "2");
    String two = "{\"start\":3,\"ids\":[\"c\",\"b\"]}";
    assertThat(get(http, "revs=true").at("/_revisions").toString()).isEqualTo(two);
    assertThat(get(http, "revs=true&rev=3-c").at("/_revisions").toString()).isEqualTo(two);
    assertThat(get(http, "revs=true&rev=2-b&latest=true").at("/_revisions").toString())
        .isEqualTo(two);
    JsonNode open =
        http.get(db + "/a?revs=true&open_revs=[%223-c%22]", "Accept: application/json").json();
    assertThat(open.at("/0/ok/_revisions").toString()).isEqualTo(two);
    JsonNode bulk =
        http.post(db + "/_bulk_get?revs=true", "{\"docs\":[{\"id\":\"a\",\"rev\":\"3-c\"}]}")
            .json();
    assertThat(bulk.at("/results/0/docs/0/ok/_revisions").toString()).isEqualTo(two);
    http.put(db + "/_revs_limit", "1000");
    assertThat(get(http, "revs=true").at("/_revisions/ids").size()).isEqualTo(3);
  }

  @Test
  void malformedRevision_withOpenRevisions_isRefused(Http http) {
    assertThat(http.get(db + "/a?open_revs=all&rev=x").status()).isEqualTo(400);
    assertThat(http.get(db + "/a?open_revs=all&rev=1-a").status()).isEqualTo(200);
  }
}
