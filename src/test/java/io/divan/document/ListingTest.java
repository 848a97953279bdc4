package io.divan.document;

import static io.divan.document.TestDatabases.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.revision.Revision;
import io.divan.json.JsonBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Design and local documents in listings, against a sorted map. */
class ListingTest {
  private static final List<String> NAMES =
      List.of("_", "a", "a\0", "a\0b", "aa", "b", "c", "d", "é", "\uFFFD", "\uD83D\uDE00");
  private static final List<String> EDGES =
      List.of("", "_", "_design", "_design/", "_design0", "_local/", "_local0", "a", "~");

  private final Random random = new Random(seed());
  private final Database database = TestDatabases.create();
  private final TreeMap<String, String> design = new TreeMap<>(ModelDatabase.BY_BYTES);
  private final TreeMap<String, String> local = new TreeMap<>(ModelDatabase.BY_BYTES);
  private final TreeMap<String, String> all = new TreeMap<>(ModelDatabase.BY_BYTES);

  private static long seed() {
    long seed = Long.getLong("divan.seed", System.nanoTime());
    System.out.println("ListingTest: -Ddivan.seed=" + seed);
    return seed;
  }

  @Test
  void list_randomRanges_areThoseOfTheModel() {
    for (String name : NAMES) {
      write(name, all);
      write("_design/" + name, all, design);
      write("_local/" + name, local);
    }
    DocumentInput gone = TestDatabases.input("{'_id':'_design/gone'}");
    database.update(List.of(gone));
    String revision = database.get("_design/gone", false, ReadOptions.NONE).revision();
    database.update(
        List.of(DocumentInput.deletion("_design/gone", Revision.parse(revision))));
    for (int i = 0; i < 400; i++) {
      Listing.Query query = query();
      compare(Listing.Scope.DESIGN_DOCS, query, design);
      compare(Listing.Scope.LOCAL_DOCS, query, local);
      compare(Listing.Scope.ALL_DOCS, query, all);
    }
  }

  /** Some of them in several chunks, of which a page holds few. */
  @SafeVarargs
  private void write(String id, TreeMap<String, String>... models) {
    String value =
        random.nextInt(4) == 0 ? "x".repeat(300_000 + random.nextInt(300_000)) : "small";
    DocumentInput input =
        TestDatabases.input("{'v':'" + value + "'}").withId(id);
    UpdateResult.Saved saved = (UpdateResult.Saved) database.update(List.of(input)).getFirst();
    String json =
        new JsonBuffer().raw("{\"_id\":").string(id).raw(",\"_rev\":").string(saved.revision())
            .raw(",\"v\":\"").raw(value).raw("\"}").toString();
    for (TreeMap<String, String> model : models) {
      model.put(id, saved.revision() + " " + json);
    }
  }

  private Listing.Query query() {
    return new Listing.Query(
        edge(),
        edge(),
        random.nextBoolean(),
        random.nextBoolean(),
        random.nextInt(3) == 0 ? random.nextInt(14) : 0,
        random.nextInt(3) == 0 ? random.nextInt(14) : Long.MAX_VALUE,
        random.nextInt(4) == 0,
        random.nextBoolean());
  }

  private Optional<String> edge() {
    String name = NAMES.get(random.nextInt(NAMES.size()));
    return switch (random.nextInt(5)) {
      case 0 -> Optional.of(EDGES.get(random.nextInt(EDGES.size())));
      case 1 -> Optional.of("_design/" + name);
      case 2 -> Optional.of("_local/" + name);
      default -> Optional.empty();
    };
  }

  private void compare(
      Listing.Scope scope, Listing.Query query, TreeMap<String, String> model) {
    List<String> ids = new ArrayList<>(model.keySet());
    if (query.descending()) {
      Collections.reverse(ids);
    }
    List<String> expected =
        ids.stream()
            .filter(id -> isWithin(query, id))
            .skip(query.skip())
            .limit(query.limit())
            .map(id -> row(id, model.getOrDefault(id, ""), query.includeDocs()))
            .toList();
    Listing listing = database.list(scope, query);
    Listing.Header header = listing.begin();
    List<String> actual = new ArrayList<>();
    while (listing.hasNext()) {
      for (Listing.Row row : listing.next()) {
        String json = row.json().map(bytes -> " " + text(bytes)).orElse("");
        actual.add(row.id() + " " + row.revisionText() + json);
      }
    }
    assertThat(actual).as(scope + " " + query).isEqualTo(expected);
    boolean counted = scope != Listing.Scope.LOCAL_DOCS;
    assertThat(header.totalRows())
        .isEqualTo(counted ? Optional.of((long) model.size()) : Optional.empty());
    assertThat(header.offset())
        .as(scope + " " + query)
        .isEqualTo(counted ? Optional.of(before(query, model.size(), ids)) : Optional.empty());
    assertThat(header.sequence().isPresent()).isEqualTo(counted);
  }

  private static boolean isWithin(Listing.Query query, String id) {
    return !isBefore(query, id)
        && query.endKey().stream()
            .map(key -> order(query, id, key))
            .allMatch(order -> order < 0 || order == 0 && query.inclusiveEnd());
  }

  private static boolean isBefore(Listing.Query query, String id) {
    return query.startKey().filter(key -> order(query, id, key) < 0).isPresent();
  }

  private static int order(Listing.Query query, String id, String key) {
    int order = ModelDatabase.BY_BYTES.compare(id, key);
    return query.descending() ? -order : order;
  }

  /** As CouchDB counts: all documents before the first listed one, but no more than the total. */
  private long before(Listing.Query query, int total, List<String> ids) {
    long skipped =
        Math.min(query.skip(), ids.stream().filter(id -> isWithin(query, id)).count());
    String from = ids.getFirst();
    long before =
        all.keySet().stream()
            .filter(id -> isBefore(query, id) || order(query, id, from) < 0)
            .count();
    return Math.min(total, before + skipped);
  }

  private static String row(String id, String revisionAndJson, boolean json) {
    int end = json ? revisionAndJson.length() : revisionAndJson.indexOf(' ');
    return id + " " + revisionAndJson.substring(0, end);
  }
}
