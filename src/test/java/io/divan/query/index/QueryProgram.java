package io.divan.query.index;

import io.divan.document.Database;
import io.divan.document.TestDatabases;
import io.divan.document.WinnerReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Random documents, indexes and selectors over the same few fields and values. */
final class QueryProgram {
  private static final List<String> FIELDS = List.of("a", "b", "c.d", "_id");
  private static final String LONG = "x".repeat(7_000);

  private static final List<String> VALUES =
      List.of(
          "null", "false", "true", "0", "1", "1.0", "-2.5", "1e2", "12345678901234567890", "''",
          "'a'", "'A'", "'ab'", "'b'", "'\\u00e9'", "'e\\u0301'", "'a\\u00ad'", "'d05'", "[]",
          "[1,'a']", "{}", "{'d':1}", "'" + LONG + "'", "'" + LONG + "a'", "'" + LONG + "b'",
          "['" + LONG + "',1]", "['" + LONG + "',2]");

  private static final List<String> FILTERS =
      List.of(
          "{'a':{'$gt':0}}", "{'b':{'$exists':true}}", "{'_id':{'$gt':'d1'}}",
          "{'$or':[{'a':1},{'b':'a'}]}");

  private final Database database;
  private final Random random;
  private final List<List<String>> indexed = new ArrayList<>();

  QueryProgram(Database database, Random random) {
    this.database = database;
    this.random = random;
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private String value() {
    return one(VALUES);
  }

  /**
   * A value to compare a field with. Ids are compared with arrays and objects in one order by
   * selectors, and in another one by indexes, as in CouchDB.
   */
  private String value(String field) {
    String value = value();
    return field.startsWith("_") && (value.startsWith("[") || value.startsWith("{"))
        ? "'d1'"
        : value;
  }

  /** Writes documents, indexes, and changes of both. */
  void write() {
    for (int i = random.nextInt(40); i >= 0; i--) {
      edit();
    }
    List<String> views = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      views.add(view(i));
    }
    TestDatabases.saved(
        database,
        "{'_id':'_design/i','language':'query','views':{" + String.join(",", views) + "}}");
    if (random.nextBoolean()) {
      IndexRecount.finish(database.store());
    }
    for (int i = random.nextInt(30); i >= 0; i--) {
      edit();
    }
    IndexRecount.finish(database.store());
  }

  private String view(int number) {
    List<String> columns = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      String field = one(FIELDS);
      if (!columns.contains(field)) {
        columns.add(field);
      }
    }
    indexed.add(columns);
    String filter =
        random.nextInt(4) == 0 ? ",'partial_filter_selector':" + one(FILTERS) : "";
    return "'v" + number + "':{'map':{'fields':{'" + String.join("':'asc','", columns)
        + "':'asc'}" + filter + "},'options':{'def':{}}}";
  }

  /** Creates, updates, deletes or replicates a document. */
  private void edit() {
    String id = "d%02d".formatted(random.nextInt(40));
    if (random.nextInt(6) == 0) {
      String revision = 1 + random.nextInt(2) + "-" + "%032x".formatted(random.nextInt(4));
      TestDatabases.replicate(
          database, "{'_id':'" + id + "','_rev':'" + revision + "'" + body() + "}");
      return;
    }
    Optional<WinnerReader.Winner> winner =
        database
            .read(transaction -> database.winners().read(transaction, List.of(id), false))
            .getFirst();
    String revision = winner.map(found -> ",'_rev':'" + found.revision() + "'").orElse("");
    boolean deletes = winner.isPresent() && random.nextInt(5) == 0;
    TestDatabases.saved(
        database,
        "{'_id':'" + id + "'" + revision + (deletes ? ",'_deleted':true" : body()) + "}");
  }

  private String body() {
    StringBuilder body = new StringBuilder();
    for (String name : List.of("a", "b", "e")) {
      if (random.nextInt(5) > 0) {
        body.append(",'").append(name).append("':").append(value());
      }
    }
    if (random.nextInt(3) > 0) {
      body.append(",'c':").append(
          random.nextInt(4) == 0 ? value() : "{'d':" + value() + "}");
    }
    return body.toString();
  }

  /** A list of fields to sort by, often the first columns of an index. */
  String sort() {
    List<String> columns = random.nextInt(4) == 0 ? List.of(one(FIELDS)) : one(indexed);
    String direction = one(List.of("asc", "desc"));
    List<String> fields =
        columns.subList(0, 1 + random.nextInt(columns.size())).stream()
            .map(field -> "{'" + field + "':'" + direction + "'}")
            .toList();
    return "[" + String.join(",", fields) + "]";
  }

  /** A list of fields to return, often those of an index. */
  String fields() {
    List<String> columns = random.nextInt(3) == 0 ? List.of("e", "c", "a") : one(indexed);
    return "['_id','" + String.join("','", columns) + "']";
  }

  /** A selector, often of the columns of an index. */
  String selector() {
    StringBuilder selector = new StringBuilder("{");
    if (random.nextInt(3) > 0) {
      for (String column : one(indexed)) {
        selector.append(selector.length() == 1 ? "'" : ",'").append(column).append("':");
        selector.append(random.nextInt(3) == 0 ? "{'$gte':null}" : test(column, 1));
      }
    }
    if (selector.length() == 1 || random.nextInt(3) == 0) {
      selector.append(selector.length() == 1 ? "" : ",").append(member(2));
    }
    return selector.append('}').toString();
  }

  private String member(int depth) {
    return switch (depth == 0 ? 9 : random.nextInt(10)) {
      case 0, 1 -> "'$and':[{" + member(depth - 1) + "},{" + member(depth - 1) + "}]";
      case 2, 3 -> "'$or':[{" + member(depth - 1) + "},{" + member(depth - 1) + "}]";
      case 4 -> "'$nor':[{" + member(depth - 1) + "}]";
      case 5 -> "'$not':{" + member(depth - 1) + "}";
      default -> {
        String field = one(List.of("a", "b", "c.d", "c", "e", "_id", "_rev"));
        yield "'" + field + "':" + test(field, depth);
      }
    };
  }

  private String test(String field, int depth) {
    return switch (random.nextInt(depth > 0 ? 15 : 10)) {
      case 0 -> "{'$in':[" + value(field) + "," + value(field) + "]}";
      case 1 -> "{'$ne':" + value(field) + "}";
      case 2 -> "{'$exists':" + random.nextBoolean() + "}";
      case 3 -> "{'$type':'" + one(List.of("null", "number", "string", "array")) + "'}";
      case 4 -> "{'$beginsWith':'" + one(List.of("", "a", "d0", "x")) + "'}";
      case 5 -> "{'$gt':" + value(field) + ",'$lt':" + value(field) + "}";
      case 10 -> "{'$elemMatch':{'" + comparison() + "':" + value(field) + "}}";
      case 11 -> "{'$nin':[" + value(field) + "]}";
      case 12 -> "{'$not':{'" + comparison() + "':" + value(field) + "}}";
      case 13 -> "{'$or':[" + test(field, depth - 1) + "," + test(field, depth - 1) + "]}";
      case 14 -> value(field);
      default -> "{'" + comparison() + "':" + value(field) + "}";
    };
  }

  private String comparison() {
    return one(List.of("$lt", "$lte", "$eq", "$gte", "$gt"));
  }
}
