package io.divan.query.index;

import io.divan.document.Database;
import io.divan.document.DocumentInput;
import io.divan.document.TestDatabases;
import io.divan.document.WinnerReader;
import io.divan.document.revision.Revision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Random edits of documents and of the design documents with their indexes. */
final class IndexProgram {
  private static final int IDS = 12;

  private static final List<String> VIEWS =
      List.of(
          "{'fields':{'a':'asc'}}",
          "{'fields':{'a':'desc'},'partial_filter_selector':{}}",
          "{'fields':{'a':'asc','b':'asc'}}",
          "{'fields':{'c.d':'asc'}}",
          "{'fields':{}}",
          "{'fields':{'_id':'asc'}}",
          "{'fields':{'_rev':'asc','a':'asc'}}",
          "{'fields':{'b':'asc'},'partial_filter_selector':{'a':{'$gt':2}}}",
          "{'fields':{'b':'asc'},'selector':{'_id':{'$gt':'d5'}}}");

  private IndexProgram() {}

  /** Makes one random change. */
  static void change(Database database, Random random) {
    switch (random.nextInt(10)) {
      case 0 -> database.update(List.of(design(database, random)));
      case 1 -> purge(database, random);
      case 2, 3 -> database.replicate(List.of(replicated(random)));
      default -> {
        List<DocumentInput> edits = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
          edits.add(edit(database, "d" + random.nextInt(IDS), random));
        }
        if (random.nextInt(10) == 0) {
          edits.add(design(database, random));
        }
        database.update(edits);
      }
    }
  }

  private static DocumentInput edit(Database database, String id, Random random) {
    String revision = revision(database, id);
    return TestDatabases.input(
        random.nextInt(5) == 0 && !revision.isEmpty()
            ? "{'_id':'" + id + "'" + revision + ",'_deleted':true,'a':1}"
            : "{'_id':'" + id + "'" + revision + body(random) + "}");
  }

  private static String revision(Database database, String id) {
    Optional<WinnerReader.Winner> winner =
        database
            .read(transaction -> database.winners().read(transaction, List.of(id), false))
            .getFirst();
    return winner.map(found -> ",'_rev':'" + found.revision() + "'").orElse("");
  }

  private static DocumentInput design(Database database, Random random) {
    String id = "_design/x" + random.nextInt(3);
    String revision = revision(database, id);
    if (random.nextInt(4) == 0 && !revision.isEmpty()) {
      return TestDatabases.input("{'_id':'" + id + "'" + revision + ",'_deleted':true}");
    }
    boolean query = random.nextInt(6) > 0;
    StringBuilder views = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      views
          .append(views.isEmpty() ? "" : ",")
          .append("'v" + i + "':{'map':")
          .append(query ? VIEWS.get(random.nextInt(VIEWS.size())) : "'fun(Doc) -> ok end.'")
          .append(",'reduce':'_count','options':{'def':{}}}");
    }
    String language = query ? "query" : "erlang";
    return TestDatabases.input(
        "{'_id':'" + id + "'" + revision + ",'language':'" + language + "','views':{" + views
            + "}}");
  }

  private static DocumentInput replicated(Random random) {
    String id = random.nextInt(8) == 0 ? "_design/x0" : "d" + random.nextInt(IDS);
    int position = 1 + random.nextInt(4);
    StringBuilder ids = new StringBuilder();
    for (int i = position; i > 0; i--) {
      ids.append(ids.isEmpty() ? "" : ",").append("'").append("ab".charAt(random.nextInt(2)))
          .append(i).append("'");
    }
    String first = ids.substring(1, ids.indexOf("'", 1));
    String content =
        id.startsWith("_")
            ? ",'language':'query','views':{'r':{'map':{'fields':{'b':'asc','a':'asc'}},"
                + "'options':{}}}"
            : body(random);
    return TestDatabases.input(
        "{'_id':'" + id + "','_rev':'" + position + "-" + first + "','_revisions':{'start':"
            + position + ",'ids':[" + ids + "]}" + content
            + (random.nextInt(5) == 0 ? ",'_deleted':true}" : "}"));
  }

  private static void purge(Database database, Random random) {
    String id = random.nextInt(5) == 0 ? "_design/x1" : "d" + random.nextInt(IDS);
    database
        .read(transaction -> database.winners().read(transaction, List.of(id), true))
        .getFirst()
        .ifPresent(
            winner -> {
              List<Revision> revisions = new ArrayList<>(winner.conflicts());
              revisions.add(winner.revision());
              Revision chosen = revisions.get(random.nextInt(revisions.size()));
              database.purges().purge(Map.of(id, List.of(chosen)));
            });
  }

  private static String body(Random random) {
    StringBuilder body = new StringBuilder();
    for (String name : List.of("a", "b", "c")) {
      if (random.nextInt(4) > 0) {
        body.append(",'").append(name).append("':").append(value(random, 0));
      }
    }
    return body.toString();
  }

  private static String value(Random random, int depth) {
    return switch (random.nextInt(depth > 1 ? 5 : 8)) {
      case 0 -> "null";
      case 1 -> random.nextBoolean() ? "true" : "false";
      case 2 -> "" + random.nextInt(5);
      case 3 -> random.nextInt(5) + ".50";
      case 4 ->
          "'" + "aBé\u00ad".charAt(random.nextInt(4))
              + "x".repeat(random.nextInt(6) == 0 ? 2_990 + random.nextInt(4_000) : 2) + "'";
      case 5 -> "[" + value(random, depth + 1) + "]";
      default -> "{'d':" + value(random, depth + 1) + "}";
    };
  }
}
