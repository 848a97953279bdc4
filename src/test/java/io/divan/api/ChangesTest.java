package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.SharedService;
import io.divan.query.selector.SelectorCases;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code _changes}: normal feeds, and feeds that wait. */
@ExtendWith(SharedService.class)
class ChangesTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @Test
  void conversation_aboutChanges(Http http) {
    Conversations.hold("changes", http);
  }

  @Test
  void conversation_aboutFilters(Http http) {
    Conversations.hold("changes-filters", http);
  }

  @Test
  void sequences_ofOneDatabase_areTheSameInAllResponses(Http http) {
    String empty = http.newDatabase();
    String db = http.newDatabase();
    http.put(db + "/a", "{}");
    http.put(db + "/b", "{}");

    JsonNode all = http.get(db + "/_changes").json();
    String first = all.at("/results/0/seq").stringValue();
    String second = all.at("/results/1/seq").stringValue();

    assertThat(http.get(empty).json().get("update_seq").stringValue())
        .isEqualTo("0-" + "0".repeat(24));
    assertThat(first).matches("1-[0-9a-f]{24}");
    assertThat(second).matches("2-[0-9a-f]{24}");
    assertThat(first.substring(2)).isLessThan(second.substring(2));
    assertThat(all.get("last_seq").stringValue()).isEqualTo(second);
    assertThat(http.get(db).json().get("update_seq").stringValue()).isEqualTo(second);
    assertThat(http.get(db + "/b?local_seq=true").json().get("_local_seq").stringValue())
        .isEqualTo(second);
    String stamp = first.substring(2);
    for (String since : List.of(first, stamp, "0-" + stamp, "98765-" + stamp)) {
      assertThat(ids(http.get(db + "/_changes?since=" + since).json())).containsExactly("b");
    }
    assertThat(http.get(db + "/_changes?limit=1").json().get("last_seq").stringValue())
        .isEqualTo(first);
  }

  @Test
  void pages_bySinceAndLimit_listEachDocumentOnce(Http http) {
    String db = http.newDatabase();
    List<String> written = new ArrayList<>();
    StringBuilder docs = new StringBuilder();
    for (int i = 0; i < 2_500; i++) {
      written.add("d" + i);
      docs.append(i == 0 ? "" : ",").append("{\"_id\":\"d").append(i).append("\"}");
    }
    assertThat(http.post(db + "/_bulk_docs", "{\"docs\":[" + docs + "]}").status()).isEqualTo(201);

    List<String> read = new ArrayList<>();
    String since = "0";
    int pending = 2_500;
    while (pending > 0) {
      JsonNode page = http.get(db + "/_changes?limit=999&since=" + since).json();
      read.addAll(ids(page));
      since = page.get("last_seq").stringValue();
      pending = page.get("pending").intValue();
      assertThat(pending).isEqualTo(2_500 - read.size());
    }

    assertThat(read).isEqualTo(written);
    assertThat(ids(http.get(db + "/_changes?descending=true").json()))
        .isEqualTo(written.reversed());
  }

  @Test
  void longpoll_commitWhileItWaits_returnsThatChange(Http http) throws IOException {
    String db = http.newDatabase();
    http.put(db + "/before", "{}");
    try (HttpConnection feed = open(http, db, "feed=longpoll&since=now&include_docs=true")) {
      HttpAnswer answer = feed.answer();
      assertThat(answer.line()).isEqualTo("{\"results\":[");

      http.put(db + "/after", "{\"x\":1}");

      JsonNode read = JSON.readTree("{\"results\":[" + answer.text());
      assertThat(ids(read)).containsExactly("after");
      assertThat(read.at("/results/0/doc/x").intValue()).isEqualTo(1);
      assertThat(read.get("last_seq")).isEqualTo(read.at("/results/0/seq"));
      assertThat(read.get("pending").intValue()).isZero();
    }
  }

  @Test
  void longpoll_batchCommits_returnsAllOfIt(Http http) throws IOException {
    String db = http.newDatabase();
    try (HttpConnection feed = open(http, db, "feed=longpoll&since=now")) {
      HttpAnswer answer = feed.answer();
      assertThat(answer.line()).isEqualTo("{\"results\":[");

      http.post(db + "/_bulk_docs", "{\"docs\":[{\"_id\":\"a\"},{\"_id\":\"b\"},{\"_id\":\"c\"}]}");

      assertThat(ids(JSON.readTree("{\"results\":[" + answer.text())))
          .containsExactly("a", "b", "c");
    }
  }

  @Test
  void longpoll_existingChanges_returnsImmediately(Http http) {
    String db = http.newDatabase();
    http.put(db + "/a", "{}");

    assertThat(ids(http.get(db + "/_changes?feed=longpoll").json())).containsExactly("a");
  }

  @Test
  void longpoll_noChanges_endsAfterItsTimeout(Http http) {
    String db = http.newDatabase();
    http.put(db + "/a", "{}");

    JsonNode answer = http.get(db + "/_changes?feed=longpoll&since=now&timeout=20").json();

    assertThat(ids(answer)).isEmpty();
    assertThat(answer.get("last_seq").stringValue())
        .isEqualTo(http.get(db).json().get("update_seq").stringValue());
  }

  @Test
  void continuous_severalCommits_sendsEachImmediately(Http http) throws IOException {
    String db = http.newDatabase();
    http.put(db + "/a", "{}");
    try (HttpConnection feed = open(http, db, "feed=continuous")) {
      HttpAnswer answer = feed.answer();
      assertThat(id(answer.line())).isEqualTo("a");

      for (int i = 0; i < 20; i++) {
        http.put(db + "/d" + i, "{}");
        assertThat(id(answer.line())).isEqualTo("d" + i);
      }
    }
  }

  @Test
  void continuous_limitReached_endsWithTheLastSequence(Http http) throws IOException {
    String db = http.newDatabase();
    http.put(db + "/a", "{}");
    try (HttpConnection feed = open(http, db, "feed=continuous&limit=2")) {
      HttpAnswer answer = feed.answer();
      String first = answer.line();
      assertThat(id(first)).isEqualTo("a");

      http.put(db + "/b", "{}");

      String second = answer.line();
      assertThat(id(second)).isEqualTo("b");
      JsonNode end = JSON.readTree(answer.text());
      assertThat(end.get("last_seq")).isEqualTo(JSON.readTree(second).get("seq"));
      assertThat(end.get("pending").intValue()).isZero();
    }
  }

  @Test
  void continuous_deletionAndConflict_sendsThem(Http http) throws IOException {
    String db = http.newDatabase();
    String revision = http.put(db + "/a", "{}").json().get("rev").stringValue();
    try (HttpConnection feed = open(http, db, "feed=continuous&since=now&style=all_docs")) {
      HttpAnswer answer = feed.answer();
      assertThat(answer.line()).isEmpty();

      http.put(db + "/a?new_edits=false", "{\"_rev\":\"1-00000000000000000000000000000000\"}");
      JsonNode conflict = JSON.readTree(answer.line());
      http.delete(db + "/a?rev=" + revision);
      JsonNode deletion = JSON.readTree(answer.line());

      assertThat(conflict.get("changes").findValuesAsString("rev"))
          .containsExactly(revision, "1-00000000000000000000000000000000");
      assertThat(conflict.has("deleted")).isFalse();
      assertThat(deletion.get("changes").get(0).get("rev").stringValue())
          .isEqualTo("1-00000000000000000000000000000000");
      assertThat(deletion.get("changes").size()).isEqualTo(2);
      assertThat(deletion.has("deleted")).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"longpoll", "continuous"})
  void heartbeat_noChanges_sendsLineFeedsUntilAChange(String kind, Http http)
      throws IOException {
    String db = http.newDatabase();
    try (HttpConnection feed =
        open(http, db, "feed=" + kind + "&since=now&heartbeat=5&timeout=1")) {
      HttpAnswer answer = feed.answer();
      if (kind.equals("longpoll")) {
        assertThat(answer.line()).isEqualTo("{\"results\":[");
      }
      for (int i = 0; i < 5; i++) {
        assertThat(answer.line()).isEmpty();
      }

      http.put(db + "/a", "{}");

      String line = answer.line();
      while (line.isEmpty()) {
        line = answer.line();
      }
      assertThat(id(line)).isEqualTo("a");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "longpoll",
    "continuous",
    "continuous&heartbeat=60000",
    "continuous&filter=_design",
    "longpoll&filter=_doc_ids&doc_ids=[\"b\"]"
  })
  void feed_databaseDeleted_endsWithItsClosingLine(String kind, Http http) throws IOException {
    String db = http.newDatabase();
    http.put(db + "/a", "{}");
    String last = http.get(db).json().get("update_seq").stringValue();
    try (HttpConnection feed = open(http, db, "feed=" + kind + "&since=" + last)) {
      HttpAnswer answer = feed.answer();
      answer.line();

      http.delete(db);

      assertThat(answer.text()).contains("\"last_seq\":\"" + last + "\"");
    }
  }

  @Test
  void feed_databaseRecreated_sendsNoChangesOfTheNewOne(Http http) throws IOException {
    String db = http.newDatabase();
    try (HttpConnection feed = open(http, db, "feed=continuous&since=now&heartbeat=20")) {
      HttpAnswer answer = feed.answer();
      answer.line();

      http.delete(db);
      http.put(db, "");
      http.put(db + "/new", "{}");

      assertThat(answer.text()).contains("last_seq").doesNotContain("new");
    }
  }

  @Test
  void feeds_manyOfOneDatabase_allWakeOnOneCommit(Http http) throws IOException {
    String db = http.newDatabase();
    List<HttpConnection> feeds = new ArrayList<>();
    List<HttpAnswer> answers = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        HttpConnection feed = open(http, db, "feed=longpoll&since=now");
        feeds.add(feed);
        answers.add(feed.answer());
        answers.getLast().line();
      }

      http.put(db + "/a", "{}");

      for (HttpAnswer answer : answers) {
        assertThat(answer.text()).contains("\"id\":\"a\"");
      }
    } finally {
      for (HttpConnection feed : feeds) {
        feed.close();
      }
    }
  }

  @Test
  void reader_thatDoesNotRead_doesNotBlockWriters(Http http) throws IOException {
    String db = http.newDatabase();
    String text = "x".repeat(1_000_000);
    for (int i = 0; i < 12; i++) {
      http.put(db + "/large" + i, "{\"text\":\"" + text + "\"}");
    }
    try (HttpConnection feed = open(http, db, "include_docs=true")) {
      HttpAnswer answer = feed.answer();
      assertThat(answer.line()).isEqualTo("{\"results\":[");

      assertThat(http.put(db + "/small", "{}").status()).isEqualTo(201);
      assertThat(http.get(db + "/small").status()).isEqualTo(200);

      List<String> ids = ids(JSON.readTree("{\"results\":[" + answer.text()));
      assertThat(ids).startsWith("large0", "large1").contains("large11");
    }
  }

  /** Runs against CouchDB if {@code -Ddivan.url} names it. */
  @Test
  void selectors_everyCaseOfTheTable_matchAsRecorded(Http ours) {
    String url = System.getProperty("divan.url");
    Http http = url == null ? ours : new Http(url);
    SelectorCases table = SelectorCases.read();
    String db = http.newDatabase();
    table.documents().forEach((id, json) -> http.put(db + "/" + id, json));
    List<String> wrong = new ArrayList<>();
    for (SelectorCases.Case example : table.cases()) {
      HttpAnswer answer =
          http.post(
              db + "/_changes?filter=_selector", "{\"selector\":" + example.selector() + "}");
      String told =
          answer.status() == 200
              ? "-> " + String.join(" ", ids(answer.json()).stream().sorted().toList())
              : "!! "
                  + (answer.status() == 400
                      ? answer.json().get("reason").stringValue()
                      : answer.status());
      String expected =
          url == null ? example.ours() : example.couchDb().orElse(example.ours());
      if (!told.strip().equals(expected)) {
        wrong.add(example.selector() + " " + told + "\n   instead of " + expected);
      }
    }
    http.delete(db);
    assertThat(wrong).isEmpty();
  }

  @Test
  void eventsource_noChanges_sendsHeartbeatsUntilAChange(Http http) throws IOException {
    String db = http.newDatabase();
    try (HttpConnection feed =
        open(http, db, "feed=eventsource&since=now&heartbeat=5&timeout=1")) {
      HttpAnswer answer = feed.answer();
      assertThat(answer.header("Content-Type").orElseThrow()).isEqualTo("text/event-stream");
      assertThat(answer.line()).isEmpty();
      for (int i = 0; i < 3; i++) {
        assertThat(answer.line()).isEqualTo("event: heartbeat");
        assertThat(answer.line()).isEqualTo("data: ");
        assertThat(answer.line()).isEmpty();
      }

      http.put(db + "/a", "{}");

      String line = answer.line();
      while (!line.startsWith("data: {")) {
        line = answer.line();
      }
      assertThat(id(line.substring("data: ".length()))).isEqualTo("a");
      assertThat(answer.line()).matches("id: \"1-[0-9a-f]{24}\"");
      assertThat(answer.line()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "filter=_design", "filter=_doc_ids&doc_ids=[\"z\"]", "filter=_doc_ids&doc_ids={200}"
  })
  void filter_thatNothingPasses_sendsHeartbeatsUntilAChangePasses(String filter, Http http)
      throws IOException {
    String db = http.newDatabase();
    for (int i = 0; i < 3; i++) {
      http.put(db + "/before" + i, "{}");
    }
    StringBuilder many = new StringBuilder("[\"z\"");
    for (int i = 0; i < 200; i++) {
      many.append(",\"z").append(i).append('"');
    }
    String asked = filter.replace("{200}", many.append(']'));
    String id = filter.equals("filter=_design") ? "_design/z" : "z";
    try (HttpConnection feed = open(http, db, asked + "&feed=continuous&heartbeat=5")) {
      HttpAnswer answer = feed.answer();
      for (int i = 0; i < 20; i++) {
        assertThat(answer.line()).isEmpty();
        http.put(db + "/during" + i, "{}");
      }

      http.put(db + "/" + id, "{}");

      String line = answer.line();
      while (line.isEmpty()) {
        line = answer.line();
      }
      assertThat(id(line)).isEqualTo(id);
    }
  }

  @Test
  void filter_thatTakesLong_endsAfterItsTimeoutWithASequenceToResume(Http http) {
    String db = http.newDatabase();
    String text = "x".repeat(40_000);
    StringBuilder docs = new StringBuilder("{\"docs\":[");
    for (int i = 0; i < 60; i++) {
      docs.append(i > 0 ? "," : "").append("{\"t\":\"").append(text).append("\"}");
    }
    http.post(db + "/_bulk_docs", docs + "]}");
    String slow = "{\"selector\":{\"t\":{\"$regex\":\"([a-z]{1,30}){1,30}9\"}}}";

    JsonNode answer =
        http.post(db + "/_changes?filter=_selector&feed=longpoll&timeout=10", slow).json();

    assertThat(ids(answer)).isEmpty();
    int pending = answer.get("pending").intValue();
    assertThat(pending).isBetween(1, 59);
    String since = answer.get("last_seq").stringValue();
    assertThat(ids(http.get(db + "/_changes?since=" + since).json())).hasSize(pending);
  }

  @Test
  void pages_withFilter_listEachPassingDocumentOnce(Http http) {
    String db = http.newDatabase();
    List<String> wanted = new ArrayList<>();
    StringBuilder docs = new StringBuilder("{\"docs\":[");
    for (int i = 0; i < 1_500; i++) {
      docs.append(i > 0 ? "," : "").append("{\"_id\":\"d").append(i);
      docs.append("\",\"n\":").append(i % 7).append('}');
      if (i % 7 == 3) {
        wanted.add("d" + i);
      }
    }
    http.post(db + "/_bulk_docs", docs + "]}");
    for (String order : List.of("", "&descending=true")) {
      String selector = "{\"selector\":{\"n\":3},\"fields\":[\"n\"]}";
      String query = "/_changes?filter=_selector&include_docs=true" + order;
      JsonNode whole = http.post(db + query, selector).json();

      assertThat(ids(whole)).containsExactlyInAnyOrderElementsOf(wanted);
      assertThat(whole.get("pending").intValue()).isZero();
      assertThat(whole.at("/results/0/doc").toString()).isEqualTo("{\"n\":3}");
    }
    List<String> paged = new ArrayList<>();
    String since = "0";
    int pending = 1;
    while (pending > 0) {
      JsonNode page =
          http.post(
              db + "/_changes?filter=_selector&limit=10&since=" + since,
              "{\"selector\":{\"n\":3}}")
              .json();
      paged.addAll(ids(page));
      since = page.get("last_seq").stringValue();
      pending = page.get("pending").intValue();
    }
    assertThat(paged).containsExactlyElementsOf(wanted);
  }

  private static HttpConnection open(Http http, String db, String query) throws IOException {
    return http.connect().send("GET", db + "/_changes?" + query, List.of());
  }

  private static List<String> ids(JsonNode answer) {
    return answer.get("results").valueStream().map(row -> row.get("id").stringValue()).toList();
  }

  private static String id(String line) {
    return Optional.of(line.endsWith(",") ? line.substring(0, line.length() - 1) : line)
        .map(row -> JSON.readTree(row).get("id").stringValue())
        .orElseThrow();
  }
}
