package io.divan.document;

import static io.divan.document.TestDatabases.replicate;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.WinnerReader.Ids;
import io.divan.document.WinnerReader.Winner;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WinnerReaderTest {
  private final Database database = TestDatabases.create();

  private List<Optional<Winner>> read(String... ids) {
    List<Optional<Winner>> all = new ArrayList<>();
    List<String> left = List.of(ids);
    while (!left.isEmpty()) {
      List<String> some = left;
      List<Optional<Winner>> read =
          database.read(transaction -> database.winners().read(transaction, some, true));
      assertThat(read).isNotEmpty();
      all.addAll(read);
      left = left.subList(read.size(), left.size());
    }
    return all;
  }

  private List<String> scan(Ids ids, int rowsMax) {
    List<String> found = new ArrayList<>();
    Optional<Ids> rest = Optional.of(ids);
    while (rest.isPresent()) {
      Ids some = rest.get();
      WinnerReader.Slice slice =
          database.read(
              transaction -> database.winners().scan(transaction, some, rowsMax, false));
      slice.winners().forEach(winner -> found.add(winner.id()));
      rest = slice.rest();
    }
    return found;
  }

  @Test
  void read_returnsWinnersOnly() {
    String revision = saved(database, "{'_id':'a','n':1}");
    String deleted = saved(database, "{'_id':'b'}");
    saved(database, "{'_id':'b','_rev':'" + deleted + "','_deleted':true}");
    replicate(database, "{'_id':'c','_rev':'2-b','_revisions':{'start':2,'ids':['b','a']},'n':2}");
    replicate(database, "{'_id':'c','_rev':'2-c','_revisions':{'start':2,'ids':['c','a']},'n':3}");
    replicate(
        database,
        "{'_id':'c','_rev':'3-d','_revisions':{'start':3,'ids':['d','x','a']},'_deleted':true}");
    List<Optional<Winner>> found = read("a", "b", "none", "c", "a");
    assertThat(found).extracting(Optional::isPresent).containsExactly(true, false, false, true,
        true);
    assertThat(text(found.getFirst().orElseThrow().toJson()))
        .isEqualTo("{\"_id\":\"a\",\"_rev\":\"" + revision + "\",\"n\":1}");
    assertThat(text(found.get(3).orElseThrow().toJson()))
        .isEqualTo("{\"_id\":\"c\",\"_rev\":\"2-c\",\"n\":3,\"_conflicts\":[\"2-b\"]}");
  }

  @Test
  void read_ofLargeDocuments_returnsThemInSeveralParts() {
    String large = "x".repeat(400_000);
    for (String id : List.of("a", "b", "c", "d", "e")) {
      String revision = saved(database, "{'_id':'" + id + "','n':0}");
      saved(database, "{'_id':'" + id + "','_rev':'" + revision + "','n':'" + large + "'}");
    }
    List<Optional<Winner>> found = read("e", "a", "b", "none", "c", "d");
    assertThat(found).hasSize(6);
    assertThat(found).filteredOn(Optional::isPresent).hasSize(5)
        .allMatch(winner -> winner.orElseThrow().body().length == large.length() + 8);
    assertThat(scan(Ids.all(false), 100)).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void scan_readsARangeInBothDirections() {
    update(database, "{'_id':'a'}", "{'_id':'a\\u0000b'}", "{'_id':'b'}", "{'_id':'c'}");
    Ids some = new Ids(Optional.of("a"), false, Optional.of("c"), false, false);
    assertThat(scan(some, 1)).containsExactly("a\0b", "b");
    assertThat(scan(Ids.all(true), 2)).containsExactly("c", "b", "a\0b", "a");
    assertThat(scan(Ids.all(true).after("c"), 100)).containsExactly("b", "a\0b", "a");
    assertThat(scan(new Ids(Optional.of("b"), true, Optional.of("a"), true, false), 5)).isEmpty();
  }
}
