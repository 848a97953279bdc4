package io.divan.security.users;

import static io.divan.document.TestDatabases.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.security.password.PasswordHash;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents that say who may log in, right ones and those that make no sense. */
class UserDocumentTest {

  private static Optional<UserDocument> parse(String json) {
    return UserDocument.parse(utf8(json.replace('\'', '"')));
  }

  private static UserDocument read(String members) {
    return parse("{'name':'tom'," + members + "}").orElseThrow();
  }

  @Test
  void parse_pbkdf2_hasEverything() {
    UserDocument user =
        read(
            "'roles':['a','_metrics','_admin',7],'password_scheme':'pbkdf2','pbkdf2_prf':'sha512',"
                + "'salt':'s','iterations':12,'derived_key':'0a'");

    assertThat(user.name()).isEqualTo("tom");
    assertThat(user.roles()).as("without _admin").containsExactlyInAnyOrder("a", "_metrics");
    assertThat(user.hash()).contains(new PasswordHash("pbkdf2", "sha512", "s", 12, "0a"));
    assertThat(user.totp()).isEmpty();
    assertThat(user.conflicted()).isFalse();
  }

  @Test
  void parse_olderSchemes_haveCouchDbsDefaults() {
    assertThat(read("'salt':'s','password_sha':'0a'").hash())
        .contains(new PasswordHash("simple", "sha", "s", 0, "0a"));
    assertThat(read("'password_scheme':'pbkdf2','derived_key':'0a'").hash())
        .contains(new PasswordHash("pbkdf2", "sha", "", 10_000, "0a"));
    assertThat(
        read("'password_scheme':'simple+pbkdf2','iterations':2,'derived_key':'0a'").hash())
        .contains(new PasswordHash("simple+pbkdf2", "sha", "", 2, "0a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "'x':1",
    "'password_scheme':'pbkdf2','password_sha':'0a'",
    "'password_scheme':'pbkdf2','derived_key':7",
    "'password_scheme':5,'derived_key':'0a'",
    "'password_sha':null"
  })
  void parse_withoutUsableHash_cannotLogIn(String members) {
    assertThat(read(members).hash()).isEmpty();
  }

  @Test
  void parse_strangeMembers_areIgnored() {
    assertThat(read("'roles':'admin'").roles()).isEmpty();
    assertThat(read("'roles':{'a':1}").roles()).isEmpty();
    assertThat(
        read("'password_scheme':'pbkdf2','derived_key':'0a','iterations':1.5,'salt':5")
            .hash())
        .contains(new PasswordHash("pbkdf2", "sha", "", 10_000, "0a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "[]",
    "{",
    "{}",
    "{'name':7}",
    "{'name':'tom','totp':7}",
    "{'name':'tom','totp':null}",
    "{'name':'tom','totp':{}}",
    "{'name':'tom','totp':{'key':'1'}}",
    "{'name':'tom','totp':{'key':'GEZDGNBVGY3TQOJQ','algorithm':'md5'}}",
    "{'name':'tom','totp':{'key':'GEZDGNBVGY3TQOJQ','length':99}}"
  })
  void parse_cannotBeChecked_isNoUser(String json) {
    assertThat(parse(json)).isEmpty();
  }

  @Test
  void parse_secondFactorAndConflicts_areKnown() {
    assertThat(read("'totp':{'key':'GEZDGNBVGY3TQOJQ'}").totp())
        .hasValueSatisfying(totp -> assertThat(totp.digits()).isEqualTo(6));
    assertThat(read("'_conflicts':['1-a']").conflicted()).isTrue();
  }
}
