package io.divan.security.users;

import io.divan.configuration.Setting;
import io.divan.document.Principal;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Settings and principals of the tests. */
final class TestUsers {
  static final Principal ADMIN = Principal.SERVER_ADMIN;
  static final Principal ANONYMOUS = new Principal(Optional.empty(), Set.of());

  private TestUsers() {}

  static Principal user(String name, String... roles) {
    return new Principal(Optional.of(name), Set.of(roles));
  }

  static UsersSettings settings(String... publicFields) {
    return new UsersSettings(
        Setting.of(List.of(publicFields)),
        Setting.of(false),
        Setting.of(false),
        Setting.of(true),
        Setting.of(false));
  }
}
