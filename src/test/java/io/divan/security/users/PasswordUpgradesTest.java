package io.divan.security.users;

import static io.divan.document.TestDatabases.input;
import static io.divan.document.TestDatabases.outcomes;
import static io.divan.security.users.TestUsers.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.Changes;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.ReadOptions;
import io.divan.document.TestDatabases;
import io.divan.document.revision.Sequence;
import io.divan.security.password.PasswordHash;
import io.divan.security.password.PasswordHasher;
import io.divan.security.password.PasswordRules;
import io.divan.storage.Watch;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hashes of older settings are replaced after a log-in. One worker takes them in order. */
class PasswordUpgradesTest {
  private static final String PREFIX = "org.couchdb.user:";
  private static final String SALT = "'salt':'pepper'";

  /** SHA-1 of {@code secretpepper}. */
  private static final String SIMPLE =
      "'password_sha':'" + PasswordUpgradesTest.sha1("secretpepper") + "'," + SALT;

  private final PasswordHasher hasher = PasswordHasher.withIterations(3);
  private final UsersSettings settings = TestUsers.settings();
  private final Databases databases =
      TestDatabases.databases(UsersHooks.of(settings, hasher, PasswordRules.NONE));
  private final PasswordUpgrades upgrades = new PasswordUpgrades(databases, settings, hasher);

  private static String sha1(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-1")
                  .digest(TestDatabases.utf8(text)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void create() {
    databases.create("_users");
  }

  @AfterEach
  void close() {
    upgrades.close();
    hasher.close();
  }

  private Database users() {
    return databases.open("_users", ADMIN);
  }

  private void save(String name, String members) {
    assertThat(
        outcomes(
            users()
                .update(
                    List.of(
                        input(
                            "{'_id':'" + PREFIX + name + "','type':'user','name':'" + name
                                + "','roles':['r']," + members + "}")))))
        .allMatch(outcome -> outcome.matches("[1-9]-.*"));
  }

  private PasswordHash hash(String name) {
    return UserDocument.parse(users().get(PREFIX + name, false, ReadOptions.NONE).json())
        .orElseThrow()
        .hash()
        .orElseThrow();
  }

  /** Upgrades a user made for this purpose, which the worker does after what was asked before. */
  private void awaitWorker() throws InterruptedException {
    save("last", SIMPLE);
    upgrades.upgrade("last", "secret");
    awaitUpgrade("last");
  }

  private void awaitUpgrade(String name) throws InterruptedException {
    Changes changes = users().changes(new Changes.Query(false, false, false, false));
    Sequence since = Sequence.ZERO;
    while (!hash(name).scheme().equals("pbkdf2")) {
      Changes.Batch batch = changes.read(since, 100, true);
      since = batch.last();
      if (batch.watch().isPresent()) {
        try (Watch watch = batch.watch().get()) {
          if (!hash(name).scheme().equals("pbkdf2")) {
            assertThat(watch.await(Duration.ofSeconds(20))).isTrue();
          }
        }
      }
    }
  }

  @Test
  void upgrade_olderScheme_keepsSaltAndMembers() throws InterruptedException {
    save("tom", SIMPLE + ",'color':1");
    upgrades.upgrade("tom", "secret");
    awaitUpgrade("tom");

    PasswordHash hash = hash("tom");
    assertThat(hash.salt()).isEqualTo("pepper");
    assertThat(hash.iterations()).isEqualTo(3);
    assertThat(hasher.matches("tom", "secret", Optional.of(hash))).isTrue();
    assertThat(TestDatabases.get(users(), PREFIX + "tom"))
        .contains("\"color\":1")
        .contains("\"roles\":[\"r\"]")
        .doesNotContain("password_sha")
        .doesNotContain("preserve_salt");
  }

  @Test
  void upgrade_passwordChangedMeanwhile_isKept() throws InterruptedException {
    save("tom", "'password':'new'");
    save("eve", "'password_sha':'" + sha1("newpepper") + "'," + SALT);
    PasswordHash tom = hash("tom");
    PasswordHash eve = hash("eve");

    upgrades.upgrade("tom", "old");
    upgrades.upgrade("eve", "old");
    awaitWorker();

    assertThat(hash("tom")).isEqualTo(tom);
    assertThat(hash("eve")).isEqualTo(eve);
  }

  @Test
  void upgrade_presentHashOrNoUser_changesNothing() throws InterruptedException {
    save("tom", "'password':'secret'");
    PasswordHash tom = hash("tom");

    upgrades.upgrade("tom", "secret");
    upgrades.upgrade("missing", "secret");
    awaitWorker();

    assertThat(hash("tom")).isEqualTo(tom);
  }
}
