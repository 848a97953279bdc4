package io.divan.security;

import io.divan.document.Principal;
import io.divan.security.password.PasswordHash;
import io.divan.security.password.Totp;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A user who can log in.
 *
 * @param hash the password's hash; empty when no password is stored
 * @param totp the second factor; when present, a password alone is refused
 * @param stored whether the hash stands in the user's document, where it can be upgraded
 */
record Account(
    String name,
    Set<String> roles,
    Optional<PasswordHash> hash,
    Optional<Totp> totp,
    boolean stored) {

  /** The salt, which also signs session cookies; empty when no password is stored. */
  String salt() {
    return hash.map(PasswordHash::salt).orElse("");
  }

  /** The principal that this user is. */
  Principal principal() {
    return new Principal(Optional.of(name), roles);
  }

  /** The same account with further roles. */
  Account with(Set<String> more) {
    Set<String> all = new LinkedHashSet<>(roles);
    all.addAll(more);
    return new Account(name, all, hash, totp, stored);
  }
}
