package io.divan.api;

import java.util.List;
import java.util.Random;

/**
 * Generates requests of queries and indexes, mostly valid, as {@code METHOD PATH BODY} below a
 * database; the body may be missing.
 */
final class FuzzQueries {
  private static final List<String> FIELDS =
      List.of("n", "m", "n.a", "n.b", "_id", "_rev", "none", "a\\\\.b", "n.b.c.d");
  private static final List<String> VALUES =
      List.of(
          "1", "50", "null", "true", "\"d5\"", "\"\"", "\"x\"", "[]", "{}", "[1.00,-0]", "1e300",
          "-1e-300", "{\"b\":true,\"a\":{\"\":[]}}", "\"\\ud83d\\ude00\"", "\"\\uffff\"");
  private static final List<String> COMPARISONS =
      List.of("$lt", "$lte", "$eq", "$ne", "$gte", "$gt", "$all", "$in", "$nin");
  private static final List<String> CONDITIONS =
      List.of(
          "{\"$exists\":true}", "{\"$exists\":false}", "{\"$type\":\"number\"}", "{\"$size\":4}",
          "{\"$mod\":[2,1]}", "{\"$regex\":\"^x+$\"}", "{\"$regex\":\"(a|b\"}", "{}",
          "{\"$beginsWith\":\"d\"}", "{\"$elemMatch\":{\"$gt\":1}}", "{\"$allMatch\":{\"$gt\":0}}",
          "{\"$keyMapMatch\":{\"$eq\":\"a\"}}", "{\"$not\":{\"$gt\":5}}", "{\"$text\":\"x\"}",
          "{\"$regex\":\"(x*)*y\"}", "{\"$gt\":3,\"$lt\":90}");
  private static final List<String> OPTIONS =
      List.of(
          "\"limit\":3", "\"limit\":0", "\"limit\":100000", "\"skip\":2", "\"skip\":1000000",
          "\"conflicts\":true", "\"r\":2", "\"r\":1", "\"update\":false", "\"stable\":true",
          "\"stale\":\"ok\"", "\"execution_stats\":true", "\"allow_fallback\":false",
          "\"partition\":\"a\"", "\"use_index\":\"q0\"", "\"use_index\":[\"q1\",\"i1\"]",
          "\"use_index\":\"_design/q2\"", "\"bookmark\":\"nil\"", "\"bookmark\":null");
  private static final List<String> RARE =
      List.of(
          "GET /_index", "GET /_index?limit=2&skip=1", "GET /_index?limit=-1", "HEAD /_index",
          "GET /_find", "PUT /_index {}", "GET /_index/q0/json/i0", "DELETE /_index/q0/text/i0",
          "POST /_explain {\"selector\":{}}", "POST /_find/more {\"selector\":{}}",
          "POST /_index {\"index\":{},\"type\":\"text\"}", "OPTIONS /_find");

  private final Random random;

  FuzzQueries(Random random) {
    this.random = random;
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /**
   * The next request.
   *
   * @param bookmark a bookmark that the service returned
   */
  String next(String bookmark) {
    return switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4 -> "POST /_find " + query(bookmark);
      case 5 -> "POST /_explain " + query(bookmark);
      case 6, 7 -> "POST /_index " + index();
      case 8 -> "DELETE /_index/" + one(List.of("q", "_design/q", "_design%2Fq")) + number()
          + "/json/i" + number();
      case 9 -> "POST /_index/_bulk_delete {\"docids\":[\"q" + number() + "\",\"_design/q"
          + number() + "\"]}";
      case 10 -> "PUT /_design/q" + number() + " " + design();
      default -> one(RARE);
    };
  }

  private int number() {
    return random.nextInt(3);
  }

  private String query(String bookmark) {
    StringBuilder query = new StringBuilder("{\"selector\":" + selector(2));
    for (int i = random.nextInt(3); i > 0; i--) {
      query.append(',').append(one(OPTIONS));
    }
    if (random.nextInt(3) == 0) {
      query.append(",\"sort\":").append(fields(true));
    }
    if (random.nextInt(3) == 0) {
      query.append(",\"fields\":").append(fields(false));
    }
    if (random.nextInt(3) == 0) {
      query.append(",\"bookmark\":\"").append(bookmark).append('"');
    }
    return query.append('}').toString();
  }

  private String selector(int depth) {
    StringBuilder selector = new StringBuilder("{");
    for (int i = random.nextInt(3); i >= 0; i--) {
      selector.append(selector.length() == 1 ? "" : ",");
      if (depth > 0 && random.nextInt(4) == 0) {
        selector.append(
            random.nextInt(4) == 0
                ? "\"$not\":" + selector(depth - 1)
                : "\"" + one(List.of("$and", "$or", "$nor")) + "\":[" + selector(depth - 1) + ","
                    + selector(depth - 1) + "]");
      } else {
        selector.append('"').append(one(FIELDS)).append("\":").append(condition());
      }
    }
    return selector.append('}').toString();
  }

  private String condition() {
    return switch (random.nextInt(4)) {
      case 0 -> one(VALUES);
      case 1 -> one(CONDITIONS);
      default -> {
        String operator = one(COMPARISONS);
        boolean list = List.of("$all", "$in", "$nin").contains(operator);
        String value = list ? "[" + one(VALUES) + "," + one(VALUES) + "]" : one(VALUES);
        yield "{\"" + operator + "\":" + value + "}";
      }
    };
  }

  private String fields(boolean directions) {
    StringBuilder fields = new StringBuilder("[");
    String direction = one(List.of("asc", "desc"));
    for (int i = random.nextInt(2); i >= 0; i--) {
      String field = "\"" + one(FIELDS) + "\"";
      fields
          .append(fields.length() == 1 ? "" : ",")
          .append(
              directions && random.nextBoolean() ? "{" + field + ":\"" + direction + "\"}" : field);
    }
    return fields.append(']').toString();
  }

  private String index() {
    String filter =
        random.nextInt(4) == 0 ? ",\"partial_filter_selector\":" + selector(1) : "";
    String names =
        switch (random.nextInt(4)) {
          case 0 -> ",\"ddoc\":\"q" + number() + "\"";
          default -> ",\"ddoc\":\"q" + number() + "\",\"name\":\"i" + number() + "\"";
        };
    return "{\"index\":{\"fields\":" + fields(true) + filter + "}" + names + "}";
  }

  /** A design document as a replication brings it. */
  private String design() {
    return "{\"language\":\"query\",\"views\":{\"i" + number() + "\":{\"map\":{\"fields\":{\""
        + one(FIELDS) + "\":\"asc\"},\"partial_filter_selector\":" + selector(1)
        + "},\"reduce\":\"_count\",\"options\":{\"def\":{\"fields\":[\"n\"]}}}}}";
  }
}
