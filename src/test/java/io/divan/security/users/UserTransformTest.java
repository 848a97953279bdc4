package io.divan.security.users;

import static io.divan.document.TestDatabases.input;
import static io.divan.document.TestDatabases.outcomes;
import static io.divan.document.TestDatabases.text;
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
import io.divan.document.Principal;
import io.divan.document.ReadOptions;
import io.divan.document.SecurityObject;
import io.divan.document.TestDatabases;
import io.divan.document.revision.Revision;
import io.divan.security.password.PasswordHasher;
import io.divan.security.password.PasswordRules;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to passwords, and to documents of other users. */
class UserTransformTest {
  private static final String PREFIX = "org.couchdb.user:";
  private static final Pattern HASHED =
      Pattern.compile(
          "\\{\"_id\":\"org.couchdb.user:tom\",\"_rev\":\"[^\"]*\","
              + "\"password_scheme\":\"pbkdf2\",\"pbkdf2_prf\":\"sha256\","
              + "\"salt\":\"([^\"]*)\",\"iterations\":3,\"derived_key\":\"([0-9a-f]{64})\","
              + "\"type\":\"user\",\"name\":\"tom\",\"roles\":\\[\\](.*)}");

  private final PasswordHasher hasher = PasswordHasher.withIterations(3);
  private final Databases databases =
      TestDatabases.databases(UsersHooks.of(TestUsers.settings(), hasher, PasswordRules.NONE));

  @BeforeEach
  void create() {
    databases.create("_users");
    open(ADMIN)
        .settings()
        .security(SecurityObject.parse(utf8("{\"admins\":{\"names\":[\"chief\"]}}")));
  }

  @AfterEach
  void close() {
    hasher.close();
  }

  private Database open(Principal principal) {
    return databases.open("_users", principal);
  }

  private static DocumentInput tom(String members) {
    return input("{'_id':'" + PREFIX + "tom','type':'user','name':'tom','roles':[]" + members
        + "}");
  }

  private String save(Principal principal, DocumentInput edit) {
    return outcomes(open(principal).update(List.of(edit))).getFirst();
  }

  private String stored() {
    return text(open(ADMIN).get(PREFIX + "tom", false, ReadOptions.NONE).json());
  }

  private Matcher hashed() {
    Matcher matcher = HASHED.matcher(stored());
    assertThat(matcher.matches()).as(stored()).isTrue();
    return matcher;
  }

  private boolean logsIn(String password) {
    byte[] json = open(ADMIN).get(PREFIX + "tom", false, ReadOptions.NONE).json();
    return hasher.matches("tom", password, UserDocument.parse(json).orElseThrow().hash());
  }

  @Test
  void update_password_isHashedWithANewSalt() {
    String first =
        save(
            ANONYMOUS,
            tom(",'password':'a','salt':'x','iterations':9,'derived_key':'y','color':1"));
    Matcher one = hashed();
    assertThat(one.group(1)).matches("[0-9a-f]{32}");
    assertThat(one.group(3)).isEqualTo(",\"color\":1");
    assertThat(logsIn("a")).isTrue();
    assertThat(logsIn("b")).isFalse();

    save(user("tom"), tom(",'_rev':'" + first + "','password':'a'"));
    assertThat(hashed().group(1)).isNotEqualTo(one.group(1));
    assertThat(stored()).doesNotContain("password\"");
  }

  @Test
  void replicate_password_isHashedToo() {
    open(ADMIN).replicate(List.of(tom(",'_rev':'1-a','password':'a'")));

    hashed();
    assertThat(logsIn("a")).isTrue();
  }

  @Test
  void update_preserveSalt_keepsTheSalt() {
    save(ADMIN, tom(",'password':'a','salt':'x','preserve_salt':true"));

    assertThat(hashed().group(1)).isEqualTo("x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "'yes'", "1", "null"})
  void update_preserveSaltIsNotTrue_makesANewSalt(String value) {
    save(ADMIN, tom(",'password':'a','salt':'x','preserve_salt':" + value));

    assertThat(hashed().group(1)).matches("[0-9a-f]{32}");
  }

  @Test
  void update_preserveSaltWithoutSalt_makesASalt() {
    save(ADMIN, tom(",'password':'a','preserve_salt':true"));

    assertThat(hashed().group(1)).matches("[0-9a-f]{32}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",'password':null", ",'salt':'x','preserve_salt':true"})
  void update_withoutPassword_isStoredAsItIs(String members) {
    assertThat(save(ADMIN, tom(members))).startsWith("1-");
    assertThat(stored()).endsWith("\"roles\":[]" + members.replace('\'', '"') + "}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"42", "true", "[]", "{}"})
  void update_passwordIsNoString_isRefusedWithoutNamingIt(String value) {
    assertThat(save(ADMIN, tom(",'password':" + value)))
        .isEqualTo("forbidden: Password value is invalid.");
  }

  @Test
  void update_othersDocument_isNotFound() {
    String revision = save(ADMIN, tom(",'password':'a'"));
    DocumentInput edit = tom(",'_rev':'" + revision + "','password':'b'");

    assertThat(save(user("eve"), edit)).isEqualTo("not_found: missing");
    assertThat(outcomes(open(user("eve")).replicate(List.of(edit))))
        .containsExactly("not_found: missing");
    for (Principal other : List.of(ANONYMOUS, user("eve"))) {
      assertThat(save(other, input("{'_id':'_local/x'}"))).isEqualTo("not_found: missing");
    }
    assertThat(save(user("chief"), input("{'_id':'_local/x'}"))).isEqualTo("0-1");
    assertThat(save(user("chief"), edit)).startsWith("2-");
    assertThat(logsIn("b")).isTrue();
  }

  @Test
  void update_batch_othersDocumentsDoNotStopOnesOwn() {
    List<String> outcomes =
        outcomes(
            open(user("tom"))
                .update(
                    List.of(
                        input("{'_id':'" + PREFIX + "eve','type':'user'}"),
                        tom(",'password':'a'"),
                        input("{'_id':'" + PREFIX + "ann','type':'user'}"))));

    assertThat(outcomes.getFirst()).isEqualTo("not_found: missing");
    assertThat(outcomes.get(1)).startsWith("1-");
    assertThat(outcomes.getLast()).isEqualTo("not_found: missing");
  }

  @Test
  void delete_hiddenDocument_isNotFound() {
    Optional<Revision> revision =
        Optional.of(TestDatabases.revision(save(ADMIN, tom(",'password':'a'"))));
    DocumentInput deletion = DocumentInput.deletion(PREFIX + "tom", revision);

    for (Principal other : List.of(ANONYMOUS, user("eve"))) {
      assertThat(outcomes(List.of(open(other).delete(deletion))))
          .containsExactly("not_found: missing");
    }
    assertThat(outcomes(List.of(open(user("tom")).delete(deletion))).getFirst())
        .startsWith("2-");
  }

  @Test
  void get_designDocument_isForAdministrators() {
    save(ADMIN, input("{'_id':'_design/x'}"));

    assertThat(open(user("chief")).get("_design/x", false, ReadOptions.NONE).json()).isNotEmpty();
    for (Principal other : List.of(ANONYMOUS, user("eve"))) {
      assertThatExceptionOfType(
          DocumentException.Forbidden.class)
          .isThrownBy(() -> open(other).get("_design/x", false, ReadOptions.NONE))
          .withMessage("Only administrators can view design docs in the users database.");
    }
  }

  @Test
  void get_publicFields_areSeenByEveryone() {
    Databases others =
        TestDatabases.databases(
            UsersHooks.of(TestUsers.settings("name", "color"), hasher, PasswordRules.NONE));
    others.create("_users");
    others.open("_users", ADMIN).settings().security(SecurityObject.parse(utf8("{}")));
    others.open("_users", ADMIN).update(List.of(tom(",'password':'a'")));

    assertThat(
        text(others.open("_users", ANONYMOUS).get(PREFIX + "tom", false, ReadOptions.NONE).json()))
        .matches("\\{\"_id\":\"org.couchdb.user:tom\",\"_rev\":\"[^\"]*\",\"name\":\"tom\"}");
    assertThat(
        text(
            others.open("_users", user("tom"))
                .get(PREFIX + "tom", false, ReadOptions.NONE)
                .json()))
        .contains("derived_key");
  }
}
