package io.divan.document;

import static io.divan.document.TestDatabases.replicate;
import static io.divan.document.TestDatabases.revision;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.document.revision.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Rules for readers, on every method that returns bodies. The test's rule shows administrators
 * everything, hides documents that begin with {@code h}, refuses those that begin with {@code r} or
 * are design documents, and shows the member {@code name} of the others.
 */
class ReadRuleTest {
  private static final Principal ANN = new Principal(Optional.of("ann"), Set.of("editor"));
  private static final String LOW = "\u0000";

  private final Databases databases =
      TestDatabases.databases(
          new EditHooks(
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of(name -> name.equals("db") ? Optional.of(this::view) : Optional.empty())));
  private Database admin;
  private Database ann;

  private ReadRule.View view(String id, Principal principal, boolean administrator) {
    if (administrator) {
      return new ReadRule.View.Whole();
    }
    return switch (id.charAt(0)) {
      case 'h' -> new ReadRule.View.Hidden();
      case 'r', '_' -> new ReadRule.View.Refused("no");
      default -> new ReadRule.View.Members(Set.of("name"));
    };
  }

  @BeforeEach
  void create() {
    databases.create("db");
    admin = databases.open("db");
    // Opens the database to everyone; the rule is what limits the reader.
    admin.settings().security(SecurityObject.parse(utf8("{}")));
    ann = databases.open("db", ANN);
    saved(admin, "{'_id':'a','name':'x','secret':1}");
    saved(admin, "{'_id':'b','secret':1}");
    saved(admin, "{'_id':'h','name':'x','secret':1}");
    saved(admin, "{'_id':'r','name':'x','secret':1}");
    saved(admin, "{'_id':'_design/d','secret':1}");
    saved(admin, "{'_id':'_local/l','secret':1}");
  }

  private String winner(String id) {
    return admin.get(id, true, ReadOptions.NONE).revision();
  }

  private String shownA() {
    return "{\"_id\":\"a\",\"_rev\":\"" + winner("a") + "\",\"name\":\"x\"}";
  }

  private static void assertHidden(Runnable read) {
    assertThatExceptionOfType(DocumentException.NotFound.class)
        .isThrownBy(read::run)
        .withMessage("missing");
  }

  private static void assertRefused(Runnable read) {
    assertThatExceptionOfType(DocumentException.Forbidden.class)
        .isThrownBy(read::run)
        .withMessage("no");
  }

  @Test
  void get_showsWhatTheRuleAllows() {
    assertThat(text(ann.get("a", false, ReadOptions.NONE).json())).isEqualTo(shownA());
    assertHidden(() -> ann.get("b", false, ReadOptions.NONE));
    assertHidden(() -> ann.get("h", false, ReadOptions.NONE));
    assertRefused(() -> ann.get("r", false, ReadOptions.NONE));
    assertRefused(() -> ann.get("_design/d", false, ReadOptions.NONE));
    assertThat(text(ann.get("_local/l", false, ReadOptions.NONE).json())).contains("secret");
  }

  @Test
  void getRevision_showsWhatTheRuleAllows() {
    for (boolean latest : List.of(false, true)) {
      assertThat(
          text(ann.get("a", revision(winner("a")), latest, ReadOptions.NONE).json()))
          .isEqualTo(shownA());
      assertHidden(() -> ann.get("b", revision(winner("b")), latest, ReadOptions.NONE));
      assertHidden(() -> ann.get("h", revision(winner("h")), latest, ReadOptions.NONE));
      assertRefused(() -> ann.get("r", revision(winner("r")), latest, ReadOptions.NONE));
    }
  }

  @Test
  void get_tombstone_isFilteredToo() {
    saved(admin, "{'_id':'a','_rev':'" + winner("a") + "','_deleted':true,'secret':2}");

    assertHidden(() -> ann.get("a", true, ReadOptions.NONE));
  }

  @Test
  void copyOf_showsWhatTheRuleAllows() {
    assertThat(text(ann.copyOf("a", Optional.empty()).body())).isEqualTo("{\"name\":\"x\"}");
    assertThat(text(ann.copyOf("a", Optional.of(revision(winner("a")))).body()))
        .isEqualTo("{\"name\":\"x\"}");
    assertHidden(() -> ann.copyOf("h", Optional.empty()));
    assertRefused(() -> ann.copyOf("r", Optional.empty()));
  }

  @Test
  void openRevisions_refusesOncePerDocument() {
    replicate(admin, "{'_id':'h','_rev':'1-y','secret':2}");
    List<OpenRevisions.Request> requests =
        List.of("a", "h", "r", "none").stream()
            .map(id -> new OpenRevisions.Request(id, Optional.empty(), false))
            .toList();
    OpenRevisions open = ann.openRevisions(requests, true);

    List<OpenRevisions.Answer> answers = new ArrayList<>();
    while (open.hasNext()) {
      answers.addAll(open.next());
    }

    assertThat(answers)
        .satisfiesExactly(
            a -> assertThat(text(((OpenRevisions.Answer.Found) a).document().json()))
                .contains("\"name\":\"x\",\"_revisions\"")
                .doesNotContain("secret"),
            h -> assertThat(((OpenRevisions.Answer.Refused) h).reason())
                .isInstanceOf(DocumentException.NotFound.class),
            r -> assertThat(((OpenRevisions.Answer.Refused) r).reason())
                .isInstanceOf(DocumentException.Forbidden.class),
            none -> assertThat(none).isInstanceOf(OpenRevisions.Answer.NoDocument.class));
  }

  private static Listing.Query everything() {
    return new Listing.Query(
        Optional.of(LOW), Optional.empty(), true, false, 0, 100, true, true);
  }

  @Test
  void listings_leaveOutWhatIsHidden() {
    for (Listing.Scope scope : List.of(Listing.Scope.ALL_DOCS, Listing.Scope.DESIGN_DOCS)) {
      Listing listing = ann.list(scope, everything());
      listing.begin();
      while (listing.hasNext()) {
        for (Listing.Row row : listing.next()) {
          assertThat(row.json().map(TestDatabases::text))
              .isEqualTo(row.id().equals("a") ? Optional.of(shownA()) : Optional.empty());
        }
      }
    }
    DocumentsByKey byKey =
        ann.byKey(List.of("h", "a", "_design/d", "b", "_local/l"), true, true);
    List<String> shown = new ArrayList<>();
    while (byKey.hasNext()) {
      byKey.next().forEach(row -> shown.add(row.json().map(TestDatabases::text).orElse("-")));
    }
    assertThat(shown.subList(0, 4)).containsExactly("-", shownA(), "-", "-");
    assertThat(shown.get(4)).contains("secret");
  }

  @Test
  void changes_leaveOutWhatIsHiddenAndFilterOnWhatIsSeen() {
    Changes changes = ann.changes(new Changes.Query(false, true, true, true));
    assertThat(changes.read(Sequence.ZERO, 100, false).changes())
        .allSatisfy(
            change -> assertThat(change.json().map(TestDatabases::text))
                .isEqualTo(change.id().equals("a") ? Optional.of(shownA()) : Optional.empty()));

    replicate(admin, "{'_id':'h','_rev':'1-0','name':'x','secret':2}");
    ChangesFilter secrets =
        new ChangesFilter.Documents(json -> text(json).contains("secret"));
    Changes filtered =
        ann.changes(new Changes.Query(false, true, false, true, secrets));
    assertThat(filtered.read(Sequence.ZERO, 100, false).changes()).isEmpty();
    assertThat(
        admin
            .changes(new Changes.Query(false, true, false, true, secrets))
            .read(Sequence.ZERO, 100, false)
            .changes())
        .hasSize(5);
  }

  @Test
  void get_administratorOfTheDatabaseOrOtherDatabase_showsEverything() {
    databases.create("other");
    Database other = databases.open("other");
    other.settings().security(SecurityObject.parse(utf8("{}")));
    saved(other, "{'_id':'h','secret':1}");
    assertThat(text(databases.open("other", ANN).get("h", false, ReadOptions.NONE).json()))
        .contains("secret");

    admin.settings().security(SecurityObject.parse(utf8("{\"admins\":{\"names\":[\"ann\"]}}")));
    assertThat(text(ann.get("h", false, ReadOptions.NONE).json())).contains("secret");
    admin.settings().security(SecurityObject.parse(utf8("{}")));
    assertHidden(() -> ann.get("h", false, ReadOptions.NONE));
  }
}
