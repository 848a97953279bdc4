package io.divan.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentParser;
import io.divan.document.EditHooks;
import io.divan.document.Principal;
import io.divan.document.UpdateResult;
import io.divan.document.revision.Revision;
import io.divan.security.password.PasswordHasher;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.checked.CheckedAdapter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two instances over one store. */
class AccountsTest {
  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final PasswordHasher hasher = PasswordHasher.withIterations(1);
  private final AtomicBoolean allowsConflicts = new AtomicBoolean();
  private final Instance one = new Instance(Map.of("root", "5ecret"));
  private Instance two;

  private final class Instance implements AutoCloseable {
    private final UserChanges changes = new UserChanges(new Audit(new SimpleMeterRegistry()));
    private final Databases databases =
        new Databases(adapter, Clock.systemUTC(), changes, EditHooks.NONE);
    private final RuntimeConfiguration configuration = new RuntimeConfiguration();
    private final Administrators administrators;
    private Accounts accounts;

    Instance(Map<String, String> configured) {
      administrators =
          new Administrators(
              configured, adapter.system(), hasher, configuration, false);
    }

    void open() {
      accounts = new Accounts(databases, administrators, changes, allowsConflicts::get);
    }

    Database users() {
      return databases.open("_users", Principal.SERVER_ADMIN);
    }

    String put(String name, String roles, Optional<String> revision) {
      String json =
          "{\"name\":\"" + name + "\",\"type\":\"user\",\"roles\":" + roles
              + ",\"password_scheme\":\"pbkdf2\",\"pbkdf2_prf\":\"sha256\",\"salt\":\"s\","
              + "\"iterations\":1,\"derived_key\":\"00\"}";
      DocumentInput edit = input(json).withId("org.couchdb.user:" + name);
      UpdateResult result =
          users()
              .update(
                  List.of(
                      revision
                          .map(text -> edit.withRevision(Revision.parse(text).orElseThrow()))
                          .orElse(edit)))
              .getFirst();
      return ((UpdateResult.Saved) result).revision();
    }

    @Override
    public void close() {
      accounts.close();
    }
  }

  private static DocumentInput input(String json) {
    return new DocumentParser().parse(json.getBytes(StandardCharsets.UTF_8));
  }

  @BeforeEach
  void open() {
    one.databases.create("_users");
    one.open();
    two = new Instance(Map.of("root", "5ecret"));
    two.open();
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
    hasher.close();
  }

  @Test
  void find_changedHere_isSeenAtOnce() {
    assertThat(one.accounts.find("anna")).isEmpty();

    String first = one.put("anna", "[\"a\"]", Optional.empty());
    assertThat(one.accounts.find("anna").orElseThrow().roles()).containsExactly("a");

    one.put("anna", "[\"b\"]", Optional.of(first));
    assertThat(one.accounts.find("anna").orElseThrow().roles()).containsExactly("b");
  }

  @Test
  void find_changedElsewhere_isSeenSoon() {
    String first = one.put("anna", "[\"a\"]", Optional.empty());
    assertThat(two.accounts.find("anna").orElseThrow().roles()).containsExactly("a");

    one.put("anna", "[\"b\"]", Optional.of(first));

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> two.accounts.find("anna").orElseThrow().roles().contains("b"));
  }

  @Test
  void find_databaseCreatedAgain_forgetsItsUsers() {
    one.put("anna", "[]", Optional.empty());
    assertThat(one.accounts.find("anna")).isPresent();

    one.databases.delete("_users");
    one.databases.create("_users");

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> one.accounts.find("anna").isEmpty());
  }

  @Test
  void find_purged_isGone() {
    String revision = one.put("anna", "[]", Optional.empty());
    assertThat(one.accounts.find("anna")).isPresent();

    one.users()
        .purges()
        .purge(
            Map.of(
                "org.couchdb.user:anna", List.of(Revision.parse(revision).orElseThrow())));

    assertThat(one.accounts.find("anna")).isEmpty();
  }

  @Test
  void find_conflicted_cannotLogIn() {
    one.put("anna", "[]", Optional.empty());
    one.users()
        .replicate(
            List.of(
                input("{\"_rev\":\"1-ffffffffffffffffffffffffffffffff\",\"name\":\"anna\"}")
                    .withId("org.couchdb.user:anna")));

    assertThatThrownBy(() -> one.accounts.find("anna"))
        .isInstanceOf(DocumentException.Unauthorized.class)
        .hasMessageStartingWith("User document conflicts must be resolved");
    allowsConflicts.set(true);
    assertThat(one.accounts.find("anna")).isPresent();
  }

  @Test
  void find_administrator_hasTheRolesOfItsDocumentToo() {
    one.put("root", "[\"staff\"]", Optional.empty());

    Account root = one.accounts.find("root").orElseThrow();

    assertThat(root.roles()).containsExactlyInAnyOrder("_admin", "staff");
    assertThat(root.salt()).isNotEqualTo("s");
  }

  @Test
  void find_documentWithTheRoleAdmin_isNoAdministrator() {
    one.put("eve", "[\"_admin\",\"a\"]", Optional.empty());

    assertThat(one.accounts.find("eve").orElseThrow().principal().isServerAdmin()).isFalse();
  }

  @Test
  void administrators_ofTheSamePassword_haveOneHash() {
    assertThat(two.administrators.find("root")).isEqualTo(one.administrators.find("root"));
    Instance other = new Instance(Map.of("root", "other"));

    assertThat(other.administrators.find("root")) // waits until its hash is kept
        .isPresent()
        .isNotEqualTo(one.administrators.find("root"));
    Instance none = new Instance(Map.of());
    assertThat(none.administrators.exist()).isFalse();
    assertThat(none.configuration.values()).isEmpty(); // waits for the administrators
    assertThat(
        adapter
            .system()
            .read(
                tx -> tx.scan(io.divan.storage.Range.all(Administrators.HASHES)).rows().size())
            .intValue())
        .isZero();
  }
}
