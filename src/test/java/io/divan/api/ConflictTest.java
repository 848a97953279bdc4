package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.SharedService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Conflicts are refused in ordinary edits, stored by replication, and equal on both sides. */
@ExtendWith(SharedService.class)
class ConflictTest {

  @Test
  void update_ofAnOldRevision_isRefused(Http http) {
    String db = http.newDatabase();
    String first = rev(http.put(db + "/a", "{\"x\":1}"));
    String second = rev(http.put(db + "/a?rev=" + first, "{\"x\":2}"));

    HttpAnswer stale = http.put(db + "/a?rev=" + first, "{\"x\":3}");
    HttpAnswer none = http.put(db + "/a", "{\"x\":3}");
    HttpAnswer deletion = http.delete(db + "/a", "If-Match: " + first);

    assertThat(List.of(stale.status(), none.status(), deletion.status())).containsOnly(409);
    assertThat(stale.json().get("error").stringValue()).isEqualTo("conflict");
    assertThat(rev(http.get(db + "/a"))).isEqualTo(second);
  }

  @Test
  void updates_concurrent_oneSucceeds(Http http) throws Exception {
    String db = http.newDatabase();
    String rev = rev(http.put(db + "/a", "{\"x\":0}"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 5; round++) {
        String base = rev;
        List<Callable<HttpAnswer>> writers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
          String body = "{\"x\":" + (round * 16 + i) + "}";
          writers.add(() -> http.put(db + "/a?rev=" + base, body));
        }
        List<String> won = new ArrayList<>();
        for (Future<HttpAnswer> writer : threads.invokeAll(writers)) {
          HttpAnswer answer = writer.get();
          if (answer.status() == 201) {
            won.add(rev(answer));
          } else {
            assertThat(answer.status()).isEqualTo(409);
          }
        }
        assertThat(won).hasSize(1);
        rev = won.getFirst();
      }
    }
    assertThat(rev(http.get(db + "/a"))).isEqualTo(rev).startsWith("6-");
    assertThat(http.get(db + "/a?conflicts=true").json().has("_conflicts")).isFalse();
  }

  @Test
  void conflict_replicatedBothWays_hasTheSameWinner(Http http) {
    String left = http.newDatabase();
    String right = http.newDatabase();
    String base = rev(http.put(left + "/a", "{\"x\":0}"));
    replicate(http, left, right);
    String onLeft = rev(http.put(left + "/a?rev=" + base, "{\"x\":\"left\"}"));
    String onRight = rev(http.put(right + "/a?rev=" + base, "{\"x\":\"right\"}"));

    replicate(http, left, right);
    replicate(http, right, left);
    replicate(http, left, right); // nothing is left to replicate

    JsonNode leftDocument = http.get(left + "/a?conflicts=true").json();
    assertThat(http.get(right + "/a?conflicts=true").json()).isEqualTo(leftDocument);
    String winner = onLeft.compareTo(onRight) > 0 ? onLeft : onRight;
    String loser = winner.equals(onLeft) ? onRight : onLeft;
    assertThat(leftDocument.get("_rev").stringValue()).isEqualTo(winner);
    assertThat(leftDocument.get("_conflicts").get(0).stringValue()).isEqualTo(loser);

    http.delete(right + "/a?rev=" + winner);
    replicate(http, right, left);

    for (String db : List.of(left, right)) {
      JsonNode document = http.get(db + "/a?conflicts=true&deleted_conflicts=true").json();
      assertThat(document.get("_rev").stringValue()).isEqualTo(loser);
      assertThat(document.has("_conflicts")).isFalse();
      assertThat(document.get("_deleted_conflicts").size()).isEqualTo(1);
      assertThat(http.get(db).json().get("doc_count").intValue()).isEqualTo(1);
    }
  }

  @Test
  void edits_replicatedInAnyOrder_giveTheSameTree(Http http) {
    String forth = http.newDatabase();
    String back = http.newDatabase();
    List<String> edits =
        List.of(
            edit("1-a"), edit("2-b", "a"), edit("2-c", "a"), edit("3-d", "c", "a"), edit("1-e"));

    edits.forEach(edit -> push(http, forth, edit));
    edits.reversed().forEach(edit -> push(http, back, edit));
    edits.forEach(edit -> push(http, back, edit));

    String query = "/a?open_revs=all&revs=true";
    JsonNode tree = http.get(forth + query, "Accept: application/json").json();
    assertThat(http.get(back + query, "Accept: application/json").json()).isEqualTo(tree);
    assertThat(tree.findValuesAsString("_rev")).containsExactlyInAnyOrder("3-d", "2-b", "1-e");
    assertThat(rev(http.get(back + "/a"))).isEqualTo("3-d");
  }

  private static String edit(String rev, String... ancestors) {
    String[] parts = rev.split("-");
    StringBuilder ids = new StringBuilder("\"" + parts[1] + '"');
    for (String ancestor : ancestors) {
      ids.append(",\"").append(ancestor).append('"');
    }
    return "{\"_id\":\"a\",\"_rev\":\"" + rev + "\",\"_revisions\":{\"start\":" + parts[0]
        + ",\"ids\":[" + ids + "]}}";
  }

  private static void push(Http http, String db, String document) {
    HttpAnswer answer =
        http.post(db + "/_bulk_docs", "{\"new_edits\":false,\"docs\":[" + document + "]}");
    assertThat(answer.text()).isEqualTo("[]\n");
  }

  /** Replicates: reads the changes, finds and reads the missing revisions, and writes them. */
  private static void replicate(Http http, String source, String target) {
    StringBuilder asked = new StringBuilder("{");
    for (JsonNode row : http.get(source + "/_changes?style=all_docs").json().get("results")) {
      asked.append(asked.length() > 1 ? "," : "").append(row.get("id")).append(":[");
      List<String> revisions = row.get("changes").findValuesAsString("rev");
      asked.append('"').append(String.join("\",\"", revisions)).append("\"]");
    }
    JsonNode missing = http.post(target + "/_revs_diff", asked + "}").json();
    List<String> wanted = new ArrayList<>();
    missing.forEachEntry(
        (id, diff) -> diff.get("missing")
            .forEach(rev -> wanted.add("{\"id\":\"" + id + "\",\"rev\":" + rev + "}")));
    if (wanted.isEmpty()) {
      return;
    }
    JsonNode found =
        http.post(
            source + "/_bulk_get?revs=true&latest=true",
            "{\"docs\":[" + String.join(",", wanted) + "]}")
            .json();
    found.get("results").forEach(
        result -> result.get("docs").forEach(
            doc -> push(http, target, doc.get("ok").toString())));
  }

  private static String rev(HttpAnswer answer) {
    JsonNode json = answer.json();
    return (json.has("rev") ? json.get("rev") : json.get("_rev")).stringValue();
  }
}
