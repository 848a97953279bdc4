package io.divan.security.users;

import static io.divan.document.TestDatabases.input;
import static io.divan.document.TestDatabases.outcomes;
import static io.divan.document.TestDatabases.utf8;
import static io.divan.security.users.TestUsers.ADMIN;
import static io.divan.security.users.TestUsers.ANONYMOUS;
import static io.divan.security.users.TestUsers.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentVersion;
import io.divan.document.EditHooks;
import io.divan.document.Principal;
import io.divan.document.ProposedEdit;
import io.divan.document.ReadOptions;
import io.divan.document.SecurityObject;
import io.divan.document.TestDatabases;
import io.divan.document.revision.Revision;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The rules for user documents, each with CouchDB's text: for single edits, for batches, and for
 * replicated edits.
 */
class UserRuleTest {
  private static final String PREFIX = "org.couchdb.user:";

  private final Databases databases =
      TestDatabases.databases(
          new EditHooks(
              List.of(context -> Optional.of(new UserRule(context.security()))),
              List.of(),
              List.of()));

  @BeforeEach
  void create() {
    databases.create("_users");
    open(ADMIN)
        .settings()
        .security(
            SecurityObject.parse(
                utf8(
                    "{\"admins\":{\"names\":[\"chief\"],\"roles\":[\"user_admin\"]},"
                        + "\"members\":{}}")));
    createTom();
  }

  private void createTom() {
    assertThat(
        TestDatabases.update(
            open(ADMIN),
            "{'_id':'" + PREFIX + "tom','type':'user','name':'tom','roles':['a','b']}"))
        .allMatch(outcome -> outcome.startsWith("1-"));
  }

  private Database open(Principal principal) {
    return databases.open("_users", principal);
  }

  private static DocumentInput document(String name, String members) {
    return input("{'_id':'" + PREFIX + name + "'," + members + "}");
  }

  /** Applies an edit that creates a document in each way that exists; all must agree. */
  private String create(Principal principal, DocumentInput edit) {
    DocumentInput bystander =
        document("bystander" + System.nanoTime(), "'type':'other'");
    String replicated =
        outcomes(
            open(principal)
                .replicate(List.of(edit.withRevision(TestDatabases.revision("1-abc")))))
            .getFirst();
    if (replicated.startsWith("1-")) {
      open(ADMIN).purges().purge(
          Map.of(edit.requireId(), List.of(TestDatabases.revision("1-abc"))));
    }
    String batch =
        outcomes(open(principal).update(List.of(bystander, edit, bystander))).get(1);
    assertThat(batch.startsWith("1-") ? "ok" : batch)
        .isEqualTo(replicated.startsWith("1-") ? "ok" : replicated);
    return batch.startsWith("1-") ? "ok" : batch;
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
      ann  | 'name':'ann','roles':[]                              | doc.type must be user
      ann  | 'type':'person','name':'ann','roles':[]              | doc.type must be user
      ann  | 'type':'user','roles':[]                             | doc.name is required
      ann  | 'type':'user','name':'','roles':[]                   | doc.name is required
      ann  | 'type':'user','name':null,'roles':[]                 | doc.name is required
      ann  | 'type':'user','name':0,'roles':[]                    | doc.name is required
      ann  | 'type':'user','name':false,'roles':[]                | doc.name is required
      ann  | 'type':'user','name':'ann'                           | doc.roles must exist
      ann  | 'type':'user','name':'ann','roles':null              | doc.roles must exist
      ann  | 'type':'user','name':'ann','roles':''                | doc.roles must exist
      ann  | 'type':'user','name':'ann','roles':'x'               | doc.roles must be an array
      ann  | 'type':'user','name':'ann','roles':{}                | doc.roles must be an array
      ann  | 'type':'user','name':'ann','roles':[12] \
          | doc.roles can only contain strings
      ann  | 'type':'user','name':'ann','roles':['a',null] \
          | doc.roles can only contain strings
      bob  | 'type':'user','name':'ann','roles':[] \
          | Doc ID must be of the form org.couchdb.user:name
      7    | 'type':'user','name':7,'roles':[] \
          | Doc ID must be of the form org.couchdb.user:name
      ann  | 'type':'user','name':'ann','roles':[],'password_sha':'x' \
          | Users with password_sha must have a salt.See /_utils/script/couch.js for example code.
      ann  | 'type':'user','name':'ann','roles':[],'password_sha':'x','salt':'' \
          | Users with password_sha must have a salt.See /_utils/script/couch.js for example code.
      ann  | 'type':'user','name':'ann','roles':[],'password_scheme':'md5' \
          | Password scheme `md5` not supported.
      ann  | 'type':'user','name':'ann','roles':[],'password_scheme':5 \
          | Password scheme `5` not supported.
      ann  | 'type':'user','name':'ann','roles':[],'password_scheme':'pbkdf2' \
          | iterations must be a number.
      ann  | 'type':'user','name':'ann','roles':[],'password_scheme':'pbkdf2','iterations':'1' \
          | iterations must be a number.
      ann  | 'type':'user','name':'ann','roles':[],'password_scheme':'pbkdf2','iterations':1 \
          | derived_key must be a string.
      ann  | 'type':'user','name':'ann','roles':[],'password_scheme':'pbkdf2','iterations':1,\
      'derived_key':1 \
          | derived_key must be a string.
      ann  | 'type':'user','name':'ann','roles':['_admin'] \
          | No system roles (starting with underscore) in users db.
      ann  | 'type':'user','name':'ann','roles':['_metrics','_x'] \
          | No system roles (starting with underscore) in users db.
      _ann | 'type':'user','name':'_ann','roles':[] \
          | Username may not start with underscore.
      a:nn | 'type':'user','name':'a:nn','roles':[] \
          | Character `:` is not allowed in usernames.
      """)
  void create_wrong_isRefusedWithCouchDbsText(String name, String members, String reason) {
    DocumentInput edit = document(name, members);

    assertThat(create(ADMIN, edit)).isEqualTo("forbidden: " + reason);
    assertThat(create(user("chief"), edit)).isEqualTo("forbidden: " + reason);
    if (!members.contains("'roles':['")) {
      assertThat(create(ANONYMOUS, edit)).isEqualTo("forbidden: " + reason);
    }
  }

  @Test
  void create_otherIdThanAUsers_isRefused() {
    DocumentInput edit = input("{'_id':'ann','type':'user','name':'ann','roles':[]}");

    assertThat(create(ADMIN, edit))
        .isEqualTo("forbidden: Doc ID must be of the form org.couchdb.user:name");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
      'roles':[]
      'roles':['x','_metrics']
      'roles':['x'],'password_scheme':'simple','password_sha':'x','salt':'y'
      'roles':[],'password_scheme':'simple+pbkdf2'
      'roles':[],'password_scheme':''
      'roles':[''],'password_scheme':'pbkdf2','iterations':1.5,'derived_key':''
      """)
  void create_byAdministrators_isAccepted(String members) {
    String document = "'type':'user'," + members + ",'name':";

    assertThat(create(ADMIN, document("u1", document + "'u1'"))).isEqualTo("ok");
    assertThat(create(user("chief"), document("u2", document + "'u2'"))).isEqualTo("ok");
    assertThat(create(user("x", "user_admin"), document("u3", document + "'u3'")))
        .isEqualTo("ok");
  }

  @Test
  void create_byOthers_mustNotHaveRoles() {
    for (Principal principal : List.of(ANONYMOUS, user("ann"), user("bob", "editor"))) {
      String name = principal.name().orElse("new");
      String document = "'type':'user','name':'" + name + "','roles':";
      assertThat(create(principal, document(name, document + "['a']")))
          .isEqualTo("forbidden: Only _admin may set roles");
      assertThat(create(principal, document(name, document + "['_metrics']")))
          .isEqualTo("forbidden: Only _admin may set roles");
      DocumentInput right = document(name, document + "[]");
      if (principal.equals(ANONYMOUS)) {
        assertThat(outcomes(open(principal).update(List.of(right))).getFirst()).startsWith("1-");
      } else {
        assertThat(create(principal, right)).isEqualTo("ok");
      }
    }
  }

  /** With {@code new_edits=false}, the document may exist already, with other revisions. */
  @Test
  void create_replicatedByAnonymous_isRefused() {
    DocumentInput edit = document("new", "'type':'user','name':'new','roles':[]");

    assertThat(
        outcomes(
            open(ANONYMOUS)
                .replicate(List.of(edit.withRevision(TestDatabases.revision("1-abc"))))))
        .containsExactly("forbidden: You may only update your own user document.");
  }

  private Revision revision(String name) {
    return TestDatabases.revision(
        open(ADMIN)
            .get(PREFIX + name, true, ReadOptions.NONE)
            .revision());
  }

  /** Edits tom's document, single and replicated; both must agree. */
  private String edit(Principal principal, String members) {
    DocumentInput edit = document("tom", members).withRevision(revision("tom"));
    String id = Revision.idText(revision("tom").id());
    DocumentInput replicated =
        input(
            "{'_id':'" + PREFIX + "tom','_revisions':{'start':2,'ids':['abc','" + id + "']},"
                + members + "}");
    String there = outcomes(open(principal).replicate(List.of(replicated))).getFirst();
    if (there.startsWith("2-")) {
      open(ADMIN).purges().purge(
          Map.of(PREFIX + "tom", List.of(TestDatabases.revision("2-abc"))));
      createTom();
      return "ok";
    }
    String here = outcomes(open(principal).update(List.of(edit))).getFirst();
    assertThat(here).isEqualTo(there);
    return here;
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
      eve | 'name':'tom','roles':['a','b']        | You may only update your own user document.
      -   | 'name':'tom','roles':['a','b']        | You may only update your own user document.
      tom | 'name':'tom','roles':[]               | Only _admin may edit roles
      tom | 'name':'tom','roles':['a']            | Only _admin may edit roles
      tom | 'name':'tom','roles':['a','c']        | Only _admin may edit roles
      tom | 'name':'tom','roles':['a','a']        | Only _admin may edit roles
      tom | 'name':'tom','roles':['a','b','_admin'] | Only _admin may edit roles
      tom | 'name':'eve','roles':['a','b']        | Doc ID must be of the form org.couchdb.user:name
      """)
  void edit_byOthers_isRefusedWithCouchDbsText(String name, String members, String reason) {
    Principal principal = name.equals("-") ? ANONYMOUS : user(name, "editor");

    assertThat(edit(principal, "'type':'user'," + members)).isEqualTo("forbidden: " + reason);
  }

  @Test
  void edit_ownDocument_keepsRolesInAnyOrder() {
    assertThat(edit(user("tom"), "'type':'user','name':'tom','roles':['b','a'],'x':1"))
        .isEqualTo("ok");
  }

  @Test
  void edit_byAdministrators_changesRoles() {
    String members = "'type':'user','name':'tom','roles':['c','_metrics']";
    assertThat(edit(ADMIN, members)).isEqualTo("ok");
    assertThat(edit(user("chief"), members)).isEqualTo("ok");
    assertThat(edit(user("x", "user_admin"), members)).isEqualTo("ok");
  }

  @Test
  void edit_storedUnderAnotherName_mustKeepTheName() {
    String id = PREFIX + "old";
    // A document of an older version, which had no rules.
    UserRule rule = new UserRule(SecurityObject.parse(utf8("{}")));
    DocumentInput edit = document("old", "'type':'user','name':'old','roles':[]");
    DocumentVersion stored =
        new DocumentVersion(
            TestDatabases.revision("1-a"), false, Optional.of(utf8("{\"name\":\"other\"}")));

    assertThatExceptionOfType(
        DocumentException.Forbidden.class)
        .isThrownBy(
            () -> rule.check(
                new ProposedEdit(
                    edit.withId(id), Optional.of(stored), ADMIN)))
        .withMessage("Usernames can not be changed.");
  }

  /** Deletes tom's document, single and replicated; both must agree. */
  private String delete(Principal principal) {
    String id = Revision.idText(revision("tom").id());
    DocumentInput replicated =
        input(
            "{'_id':'" + PREFIX + "tom','_revisions':{'start':2,'ids':['abc','" + id + "']},"
                + "'_deleted':true}");
    String there = outcomes(open(principal).replicate(List.of(replicated))).getFirst();
    if (there.startsWith("2-")) {
      return "ok";
    }
    DocumentInput deletion =
        DocumentInput.deletion(PREFIX + "tom", Optional.of(revision("tom")));
    String here = outcomes(List.of(open(principal).delete(deletion))).getFirst();
    assertThat(here).isEqualTo(there);
    return here;
  }

  @Test
  void delete_byOthersThanOwnerAndServerAdministrator_isRefused() {
    // As in CouchDB, administrators of _users only are among the others.
    for (Principal other : List.of(ANONYMOUS, user("eve"), user("chief"))) {
      assertThat(delete(other)).isEqualTo("forbidden: Only admins may delete other user docs.");
    }
  }

  @Test
  void delete_byOwnerOrServerAdministrator_isAccepted() {
    assertThat(delete(user("tom"))).isEqualTo("ok");
  }

  @Test
  void delete_byServerAdministrator_isAccepted() {
    assertThat(delete(ADMIN)).isEqualTo("ok");
  }

  @Test
  void delete_withoutStoredDocument_isRefusedForOthers() {
    DocumentInput tombstone = input("{'_id':'" + PREFIX + "new','_rev':'1-a','_deleted':true}");

    assertThat(outcomes(open(user("new")).replicate(List.of(tombstone))))
        .containsExactly("forbidden: Only admins may delete other user docs.");
    assertThat(outcomes(open(ADMIN).replicate(List.of(tombstone)))).containsExactly("1-a");
  }

  @Test
  void edit_designAndLocalDocuments_haveNoRules() {
    assertThat(
        TestDatabases.update(open(ADMIN), "{'_id':'_design/x','a':1}", "{'_id':'_local/x'}"))
        .satisfiesExactly(
            design -> assertThat(design).startsWith("1-"),
            local -> assertThat(local).isEqualTo("0-1"));
  }
}
