package io.divan.security.users;

import io.divan.document.EditHooks;
import io.divan.document.EditTransform;
import io.divan.document.ReadRule;
import io.divan.security.password.PasswordHasher;
import io.divan.security.password.PasswordRules;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The rules of {@code _users}, by the database's name. */
final class UsersHooks {

  private UsersHooks() {}

  static EditHooks of(UsersSettings settings, PasswordHasher hasher, PasswordRules rules) {
    EditTransform transform = new UserTransform(hasher, rules);
    ReadRule readRule = new UserReadRule(() -> Set.copyOf(settings.publicFields().get()));
    return new EditHooks(
        List.of(
            context -> context.database().equals(UsersDatabase.NAME)
                ? Optional.of(new UserRule(context.security()))
                : Optional.empty()),
        List.of(),
        List.of(),
        List.of(
            name -> name.equals(UsersDatabase.NAME)
                ? Optional.of(transform)
                : Optional.empty()),
        List.of(
            name -> name.equals(UsersDatabase.NAME)
                ? Optional.of(readRule)
                : Optional.empty()));
  }
}
