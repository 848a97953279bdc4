package io.divan.document;

import static io.divan.document.TestDatabases.input;
import static io.divan.document.TestDatabases.outcomes;
import static io.divan.document.TestDatabases.replicate;
import static io.divan.document.TestDatabases.revision;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.document.maintenance.TestCompaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rules that run inside the transaction. The test's rule refuses documents by a member. */
class EditRulesTest {
  private static final String FORBIDDEN = "forbidden: no";

  /** What the rule saw: id, new body, old revision and body, principal's name. */
  private final List<String> seen = new ArrayList<>();

  private final Databases databases =
      TestDatabases.databases(
          new EditHooks(List.of(this::ruleOfDatabase), List.of(), List.of()));
  private final Database database = create("db");

  private Database create(String name) {
    databases.create(name);
    return databases.open(name, Principal.SERVER_ADMIN);
  }

  private Optional<EditRule> ruleOfDatabase(EditContext context) {
    return context.database().equals("db") ? Optional.of(this::check) : Optional.empty();
  }

  private void check(ProposedEdit edit) {
    String body = text(edit.document().body());
    String old =
        edit.old()
            .map(o -> o.revision() + (o.deleted() ? " deleted " : " ") + text(o.body()))
            .orElse("nothing");
    seen.add(edit.id() + " " + body + " after " + old + " by " + edit.principal().name());
    if (body.contains("\"forbid\"")) {
      throw new DocumentException.Forbidden("no");
    }
    if (body.contains("\"login\"")) {
      throw new DocumentException.Unauthorized("log in");
    }
  }

  private List<String> takeSeen() {
    List<String> taken = List.copyOf(seen);
    seen.clear();
    return taken;
  }

  @AfterEach
  void check_afterEachTest_holds() {
    TestDatabases.check(database);
  }

  @Test
  void update_refused_leavesNoTraceAndOthersAreStored() {
    assertThat(
        update(
            database, "{'_id':'a','forbid':1}", "{'_id':'b'}", "{'_id':'c','login':1}"))
        .satisfiesExactly(
            a -> assertThat(a).isEqualTo(FORBIDDEN),
            b -> assertThat(b).startsWith("1-"),
            c -> assertThat(c).isEqualTo("unauthorized: log in"));
    assertThat(database.info().docCount()).isEqualTo(1);
    assertThatExceptionOfType(DocumentException.NotFound.class)
        .isThrownBy(() -> database.get("a", true, ReadOptions.NONE));
  }

  @Test
  void update_otherDatabase_hasNoRule() {
    assertThat(update(create("other"), "{'_id':'a','forbid':1}").getFirst()).startsWith("1-");
    assertThat(takeSeen()).isEmpty();
  }

  @Test
  void update_existing_ruleSeesTheLeafThatIsExtended() {
    String first = saved(database, "{'_id':'a','n':1}");
    replicate(database, "{'_id':'a','_revisions':{'start':2,'ids':['z','y']},'n':3}");
    takeSeen();
    saved(database, "{'_id':'a','_rev':'" + first + "','n':2}");
    assertThat(takeSeen())
        .containsExactly("a {\"n\":2} after " + first + " {\"n\":1} by Optional.empty");
  }

  @Test
  void update_conflict_isNotShownToTheRule() {
    saved(database, "{'_id':'a'}");
    takeSeen();
    assertThat(update(database, "{'_id':'a','forbid':1}"))
        .containsExactly("conflict: Document update conflict.");
    assertThat(takeSeen()).isEmpty();
  }

  @Test
  void update_deletedDocument_beginsAnew() {
    String first = saved(database, "{'_id':'a','n':1}");
    saved(database, "{'_id':'a','_rev':'" + first + "','_deleted':true}");
    assertThat(takeSeen().getLast()).startsWith("a {} after " + first + " {\"n\":1}");
    saved(database, "{'_id':'a','n':2}");
    saved(database, "{'_id':'b','_rev':'0-1'}");
    assertThat(takeSeen()).allMatch(each -> each.contains("after nothing"));
  }

  @Test
  void update_byAnotherPrincipal_ruleSeesIt() {
    Principal ann = new Principal(Optional.of("ann"), Set.of("editor"));
    databases.open("db", ann).update(List.of(input("{'_id':'a'}")));
    databases.openForRequest("db", ann).update(List.of(input("{'_id':'b'}")));
    assertThat(takeSeen()).allMatch(each -> each.endsWith("by Optional[ann]"));
    assertThat(ann.isServerAdmin()).isFalse();
    assertThat(Principal.SERVER_ADMIN.isServerAdmin()).isTrue();
  }

  @Test
  void update_localIsExempt_designIsNot() {
    assertThat(update(database, "{'_id':'_local/a','forbid':1}")).containsExactly("0-1");
    assertThat(update(database, "{'_id':'_design/a','forbid':1}")).containsExactly(FORBIDDEN);
  }

  @Test
  void replicate_refused_storesNothing() {
    assertThat(replicate(database, "{'_id':'a','_rev':'1-x','forbid':1}"))
        .containsExactly(FORBIDDEN);
    assertThat(database.info().docCount()).isZero();
  }

  @Test
  void replicate_ruleSeesTheNearestStoredAncestor() {
    replicate(database, "{'_id':'a','_rev':'1-p','n':1}");
    takeSeen();
    replicate(database, "{'_id':'a','_revisions':{'start':3,'ids':['r','q','p']},'n':3}");
    assertThat(takeSeen().getFirst()).contains("after 1-p {\"n\":1}");
    replicate(database, "{'_id':'a','_revisions':{'start':3,'ids':['s','q','p']},'n':4}");
    assertThat(takeSeen().getFirst()).contains("after 1-p {\"n\":1}");
    TestCompaction.compact(database);
    replicate(database, "{'_id':'a','_revisions':{'start':3,'ids':['t','q','p']},'n':5}");
    assertThat(takeSeen().getFirst()).contains("after nothing");
    replicate(
        database,
        "{'_id':'b','_rev':'1-p','n':1}",
        "{'_id':'b','_revisions':{'start':2,'ids':['q','p']},'_deleted':true}",
        "{'_id':'b','_revisions':{'start':3,'ids':['r','q','p']},'n':3}");
    assertThat(takeSeen())
        .satisfiesExactly(
            one -> assertThat(one).contains("after nothing"),
            two -> assertThat(two).contains("after 1-p {\"n\":1}"),
            three -> assertThat(three).contains("after 2-q deleted {}"));
  }

  @Test
  void replicate_knownLeaf_isNotShownToTheRule() {
    replicate(database, "{'_id':'a','_rev':'1-p','n':1}");
    takeSeen();
    assertThat(replicate(database, "{'_id':'a','_rev':'1-p','forbid':1}"))
        .containsExactly("1-p");
    assertThat(takeSeen()).isEmpty();
  }

  @Test
  void replicate_refusedBodyOfKnownAncestor_isDropped() {
    replicate(database, "{'_id':'a','_revisions':{'start':2,'ids':['q','p']},'n':2}");
    assertThat(replicate(database, "{'_id':'a','_rev':'1-p','forbid':1}"))
        .containsExactly("1-p");
    assertThatExceptionOfType(DocumentException.NotFound.class)
        .isThrownBy(() -> database.get("a", revision("1-p"), false, ReadOptions.NONE));
    assertThat(outcomes(database.replicate(List.of(input("{'_id':'a','_rev':'1-p','n':1}")))))
        .containsExactly("1-p");
    assertThat(text(database.get("a", revision("1-p"), false, ReadOptions.NONE).json()))
        .contains("\"n\":1");
  }
}
