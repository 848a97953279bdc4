package io.divan.api.query;

import io.divan.Http;
import io.divan.HttpAnswer;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Requests of the tests of queries. JSON is written with single quotes. */
final class Queries {
  private final Http http;
  private final String database;

  private Queries(Http http, String database) {
    this.http = http;
    this.database = database;
  }

  /** A new database with documents {@code d00}, {@code d01}… that have n, n modulo 5 and a text. */
  static Queries ofDocuments(Http http, int count) {
    Queries queries = new Queries(http, http.newDatabase());
    StringBuilder documents = new StringBuilder();
    for (int i = 0; i < count; i++) {
      documents.append(documents.isEmpty() ? "" : ",").append(document(i));
    }
    queries.post("_bulk_docs", "{'docs':[" + documents + "]}");
    return queries;
  }

  private static String document(int i) {
    String id = "d%02d".formatted(i);
    return "{'_id':'" + id + "','n':" + i + ",'m':" + i % 5 + ",'in':{'s':'s" + i + "'}}";
  }

  String database() {
    return database;
  }

  HttpAnswer post(String path, String json) {
    return http.post(database + "/" + path, json.replace('\'', '"'));
  }

  HttpAnswer put(String path, String json) {
    return http.put(database + "/" + path, json.replace('\'', '"'));
  }

  HttpAnswer get(String path) {
    return http.get(database + "/" + path);
  }

  HttpAnswer head(String path) {
    return http.head(database + "/" + path);
  }

  HttpAnswer delete(String path) {
    return http.delete(database + "/" + path);
  }

  /** Creates an index named as its design document. */
  void index(String name, String... fields) {
    post(
        "_index",
        "{'index':{'fields':['" + String.join("','", fields) + "']},'ddoc':'" + name + "','name':'"
            + name + "'}");
  }

  JsonNode find(String json) {
    return post("_find", json).json();
  }

  /** The ids of the documents that a query finds. */
  List<String> ids(String json) {
    return ids(find(json));
  }

  static List<String> ids(JsonNode answer) {
    List<String> ids = new ArrayList<>();
    answer.get("docs").forEach(document -> ids.add(document.get("_id").asString()));
    return ids;
  }
}
