package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.SharedService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code _all_docs}. */
@ExtendWith(SharedService.class)
class AllDocsTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @Test
  void conversation_aboutListing(Http http) {
    Conversations.hold("all-docs", http);
  }

  @Test
  void pages_byStartKeyAndLimit_listEachDocumentOnce(Http http) {
    String db = http.newDatabase();
    List<String> ids = write(http, db, 2_500, "");

    List<String> read = new ArrayList<>();
    String query = "";
    JsonNode rows;
    do {
      JsonNode page = http.get(db + "/_all_docs?limit=400" + query).json();
      assertThat(page.get("total_rows").intValue()).isEqualTo(2_500);
      assertThat(page.get("offset").intValue()).isEqualTo(read.size());
      rows = page.get("rows");
      rows.forEach(row -> read.add(row.get("id").stringValue()));
      query = "&skip=1&startkey=\"" + read.getLast() + '"';
    } while (rows.size() == 400);

    assertThat(read).isEqualTo(ids);
    List<String> backwards = new ArrayList<>();
    http.get(db + "/_all_docs?descending=true")
        .json()
        .get("rows")
        .forEach(row -> backwards.add(row.get("id").stringValue()));
    assertThat(backwards).isEqualTo(ids.reversed());
  }

  @Test
  void listing_longerThanATransaction_isCompleteDespiteConcurrentWrites(Http http)
      throws IOException {
    String db = http.newDatabase();
    List<String> ids = write(http, db, 400, "x".repeat(20_000));
    try (HttpConnection connection = http.connect()) {
      connection.send("GET", db + "/_all_docs?include_docs=true", List.of());
      HttpAnswer answer = connection.answer();
      answer.line();

      String last = ids.getLast();
      String revision = http.get(db + "/" + last).json().get("_rev").stringValue();
      http.put(db + "/" + last, "{\"_rev\":\"" + revision + "\",\"new\":true}");
      http.put(db + "/zz", "{}");

      JsonNode rows = JSON.readTree("{\"rows\":[" + answer.text()).get("rows");
      List<String> read = new ArrayList<>();
      for (JsonNode row : rows) {
        read.add(row.get("id").stringValue());
        assertThat(row.at("/doc/_rev")).isEqualTo(row.at("/value/rev"));
      }
      assertThat(read).containsAll(ids).doesNotHaveDuplicates();
    }
  }

  /** Writes documents in one batch. Returns their ids in order. */
  private static List<String> write(Http http, String db, int count, String text) {
    List<String> ids = IntStream.range(0, count).mapToObj("d%05d"::formatted).toList();
    String docs =
        ids.stream()
            .map(id -> "{\"_id\":\"" + id + "\",\"text\":\"" + text + "\"}")
            .collect(Collectors.joining(","));
    assertThat(http.post(db + "/_bulk_docs", "{\"docs\":[" + docs + "]}").status())
        .isEqualTo(201);
    return ids;
  }
}
