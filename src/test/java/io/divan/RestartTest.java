package io.divan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A restarted service has the data of before. */
class RestartTest {
  @TempDir Path directory;

  @Test
  void service_restartedOnItsDirectory_returnsTheSameData() {
    List<String> questions =
        List.of(
            "/",
            "/_all_dbs",
            "/db/_all_docs?include_docs=true&conflicts=true",
            "/db/_changes?style=all_docs&include_docs=true",
            "/db/a?revs=true&conflicts=true&local_seq=true",
            "/db/a?rev=1-a",
            "/db/gone",
            "/db/gone?deleted=true",
            "/db/_design/d",
            "/db/_local/checkpoint",
            "/db/large",
            "/a%2Fb/_all_docs",
            "/deleted");
    Map<String, String> before = new LinkedHashMap<>();
    JsonNode info;
    try (Service service = Service.start(directory)) {
      fill(service.http());
      questions.forEach(question -> before.put(question, service.http().get(question).text()));
      info = service.http().get("/db").json();
    }

    try (Service service = Service.start(directory)) {
      Http http = service.http();
      Map<String, String> after = new LinkedHashMap<>();
      questions.forEach(question -> after.put(question, http.get(question).text()));
      assertThat(after).isEqualTo(before);
      JsonNode infoAfter = http.get("/db").json();
      for (String member : List.of("update_seq", "doc_count", "doc_del_count", "db_name",
          "instance_start_time")) {
        assertThat(infoAfter.get(member)).as(member).isEqualTo(info.get(member));
      }
      assertThat(infoAfter.at("/sizes/active")).isEqualTo(info.at("/sizes/active"));

      http.put("/db/later", "{}");
      JsonNode changes =
          http.get("/db/_changes?since=" + info.get("update_seq").stringValue()).json();
      assertThat(changes.get("results").findValuesAsString("id")).containsExactly("later");
      assertThat(changes.get("last_seq").stringValue())
          .isGreaterThan(info.get("update_seq").stringValue());
    }
  }

  private static void fill(Http http) {
    for (String name : List.of("/db", "/a%2Fb", "/deleted")) {
      assertThat(http.put(name, "").status()).isEqualTo(201);
    }
    String many =
        IntStream.range(0, 500)
            .mapToObj(i -> "{\"_id\":\"d" + i + "\",\"i\":" + i + "}")
            .collect(Collectors.joining(","));
    http.post("/db/_bulk_docs", "{\"docs\":[" + many + "]}");
    http.post(
        "/db/_bulk_docs",
        """
        {"new_edits":false,"docs":[
          {"_id":"a","_rev":"1-a","x":1},
          {"_id":"a","_rev":"2-b","x":2.00,"_revisions":{"start":2,"ids":["b","a"]}},
          {"_id":"a","_rev":"2-c","x":"\\ud83d\\ude00","_revisions":{"start":2,"ids":["c","a"]}}]}
        """);
    http.put("/db/_design/d", "{\"views\":{}}");
    http.put("/db/_local/checkpoint", "{\"last\":7}");
    http.put("/db/large", "{\"text\":\"" + "x".repeat(1_000_000) + "\"}");
    String revision = http.put("/db/gone", "{}").json().get("rev").stringValue();
    assertThat(http.delete("/db/gone?rev=" + revision).status()).isEqualTo(200);
    http.put("/a%2Fb/c", "{}");
    assertThat(http.delete("/deleted").status()).isEqualTo(200);
  }
}
