package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ETags of normal feeds and of local documents. */
@ExtendWith(SharedService.class)
class TagsTest {

  private static String tag(HttpAnswer answer) {
    return answer.header("ETag").orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?limit=1", "?limit=0", "?descending=true", "?feed=normal"})
  void changes_unchanged_areNotSentAgain(String query, Http http) {
    String db = http.newDatabase();
    http.put(db + "/a", "{}");
    HttpAnswer first = http.get(db + "/_changes" + query);
    assertThat(first.status()).isEqualTo(200);
    HttpAnswer again = http.get(db + "/_changes" + query, "If-None-Match: " + tag(first));
    assertThat(again.status()).isEqualTo(304);
    assertThat(tag(again)).isEqualTo(tag(first));
    assertThat(again.text()).isEmpty();
    HttpAnswer head = http.head(db + "/_changes" + query);
    assertThat(tag(head)).isEqualTo(tag(first));
    http.put(db + "/b", "{}");
    HttpAnswer changed = http.get(db + "/_changes" + query, "If-None-Match: " + tag(first));
    assertThat(changed.status()).isEqualTo(200);
    assertThat(tag(changed)).isNotEqualTo(tag(first));
  }

  @Test
  void changes_differentRequest_hasADifferentTag(Http http) {
    String db = http.newDatabase();
    http.put(db + "/a", "{}");
    String all = tag(http.get(db + "/_changes"));
    assertThat(tag(http.get(db + "/_changes?include_docs=true"))).isNotEqualTo(all);
    String query = db + "/_changes?filter=_doc_ids";
    String some = tag(http.post(query, "{\"doc_ids\":[\"a\"]}"));
    assertThat(tag(http.post(query, "{\"doc_ids\":[\"b\"]}"))).isNotEqualTo(some);
    assertThat(http.post(query, "{\"doc_ids\":[\"a\"]}", "If-None-Match: " + some).status())
        .isEqualTo(304);
  }

  @Test
  void changes_feedThatWaits_hasNoTag(Http http) {
    String db = http.newDatabase();
    http.put(db + "/a", "{}");
    assertThat(http.get(db + "/_changes?feed=longpoll").header("ETag")).isEmpty();
  }

  @Test
  void localDocument_hasATagThatDependsOnItsContent(Http http) {
    String db = http.newDatabase();
    HttpAnswer put = http.put(db + "/_local/x", "{\"v\":1}");
    HttpAnswer get = http.get(db + "/_local/x");
    assertThat(tag(put)).isEqualTo(tag(get)).matches("\"[0-9A-Z]{20,25}\"");
    assertThat(http.get(db + "/_local/x", "If-None-Match: " + tag(get)).status()).isEqualTo(304);
    http.put(db + "/_local/x", "{\"v\":2}"); // is 0-1 again
    assertThat(http.get(db + "/_local/x", "If-None-Match: " + tag(get)).status()).isEqualTo(200);
  }

  @Test
  void localDocument_withRevisions_isStoredWithoutThem(Http http) {
    String db = http.newDatabase();
    http.put(db + "/_local/x", "{\"v\":1}");
    String read = http.get(db + "/_local/x?revs=true").text();
    assertThat(read).contains("\"_revisions\":{\"start\":0,\"ids\":[\"1\"]}");
    assertThat(http.put(db + "/_local/x", read).json().get("rev").stringValue()).isEqualTo("0-2");
    HttpAnswer bulk =
        http.post(
            db + "/_bulk_docs",
            "{\"docs\":[{\"_revisions\":{\"start\":0,\"ids\":[\"1\"]},\"_id\":\"_local/y\"},"
                + "{\"_id\":\"a\"},{\"_id\":\"_local/z\",\"_revisions\":{\"start\":1,"
                + "\"ids\":[\"x\"]}}]}");
    assertThat(bulk.status()).isEqualTo(201);
    assertThat(bulk.json().at("/0/rev").stringValue()).isEqualTo("0-1");
    assertThat(bulk.json().at("/1/rev").stringValue()).startsWith("1-");
    assertThat(bulk.json().at("/2/rev").stringValue()).isEqualTo("0-1");
    assertThat(http.get(db + "/_local/y").text()).doesNotContain("_revisions");
    HttpAnswer document =
        http.put(db + "/b", "{\"_revisions\":{\"start\":0,\"ids\":[\"1\"]}}");
    assertThat(document.status()).isEqualTo(400);
  }
}
