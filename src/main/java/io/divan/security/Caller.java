package io.divan.security;

import io.divan.document.Principal;
import java.util.Optional;

/**
 * Who sends a request, and how that is known.
 *
 * @param principal on whose behalf the request is made
 * @param handler CouchDB's name of what has authenticated it: {@code cookie}, {@code default},
 *     {@code jwt} or {@code proxy}; empty for anonymous requests
 * @param cookie the value of a new session cookie, when the one that was sent should be replaced
 * @param salt the salt of the account; a different one later means another password
 */
public record Caller(
    Principal principal, Optional<String> handler, Optional<String> cookie, String salt) {

  private static final Principal NOBODY =
      new Principal(Optional.empty(), java.util.Set.of());

  /** A request without credentials. */
  static final Caller ANONYMOUS = new Caller(NOBODY, Optional.empty(), Optional.empty(), "");

  /** A request to a service without administrators: everybody is one. */
  static final Caller PARTY =
      new Caller(Principal.SERVER_ADMIN, Optional.of("default"), Optional.empty(), "");

  static Caller of(Principal principal, String handler) {
    return new Caller(principal, Optional.of(handler), Optional.empty(), "");
  }

  static Caller of(Account account, String handler, Optional<String> cookie) {
    return new Caller(account.principal(), Optional.of(handler), cookie, account.salt());
  }
}
