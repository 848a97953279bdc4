package io.divan.security;

import io.divan.document.DocumentException;
import io.divan.security.password.Lockouts;
import io.divan.security.password.PasswordHasher;
import io.divan.security.session.SessionCookies;
import io.divan.security.token.JsonWebTokens;
import io.divan.security.token.ProxyTokens;
import io.divan.security.users.PasswordUpgrades;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds out who sends a request, as CouchDB's authentication handlers do. Safe for use by many
 * threads.
 */
public final class Authenticator {

  /** The reason of every refusal, whatever was wrong, so that names cannot be guessed. */
  public static final String INCORRECT = "Name or password is incorrect.";

  private static final String LOCKED =
      "Account is temporarily locked due to multiple authentication failures";

  /**
   * The credentials of a request, read from its headers.
   *
   * @param basic name and password of an {@code Authorization: Basic} header
   * @param bearer the token of an {@code Authorization: Bearer} header
   * @param cookie the value of the cookie {@code AuthSession}
   * @param headers the first value of any header, for proxies
   * @param address where the client is
   */
  public record Credentials(
      Optional<NamePassword> basic,
      Optional<String> bearer,
      Optional<String> cookie,
      Function<String, Optional<String>> headers,
      String address) {}

  /** A name and a password. */
  public record NamePassword(String name, String password) {

    @Override
    public String toString() {
      return "NamePassword[name=" + name + "]"; // omits the password
    }
  }

  private final Accounts accounts;
  private final Administrators administrators;
  private final PasswordHasher hasher;
  private final Lockouts lockouts;
  private final SessionCookies cookies;
  private final JsonWebTokens tokens;
  private final ProxyTokens proxies;
  private final PasswordUpgrades upgrades;
  private final Audit audit;
  private final InstantSource clock;
  private final boolean exposed;

  Authenticator(
      Accounts accounts,
      Administrators administrators,
      PasswordHasher hasher,
      Lockouts lockouts,
      SessionCookies cookies,
      JsonWebTokens tokens,
      ProxyTokens proxies,
      PasswordUpgrades upgrades,
      Audit audit,
      InstantSource clock,
      boolean exposed) {
    this.accounts = accounts;
    this.administrators = administrators;
    this.hasher = hasher;
    this.lockouts = lockouts;
    this.cookies = cookies;
    this.tokens = tokens;
    this.proxies = proxies;
    this.upgrades = upgrades;
    this.audit = audit;
    this.clock = clock;
    this.exposed = exposed;
  }

  /** CouchDB's names of the ways to authenticate that are open, in the order they are tried. */
  public List<String> handlers() {
    List<String> handlers = new ArrayList<>();
    if (proxies.isEnabled()) {
      handlers.add("proxy");
    }
    if (tokens.isEnabled()) {
      handlers.add("jwt");
    }
    handlers.add("cookie");
    handlers.add("default");
    return handlers;
  }

  /**
   * Finds out who sends a request. An invalid or expired cookie is ignored, as in CouchDB.
   *
   * @throws DocumentException.Unauthorized when a name and password, or a token, is wrong
   * @throws DocumentException.Forbidden when the account is locked
   * @throws DocumentException.BadRequest when a cookie or token is malformed
   * @throws PasswordHasher.Overloaded when too many passwords wait to be checked
   */
  public Caller authenticate(Credentials credentials) {
    if (proxies.isEnabled()) {
      var principal = proxies.authenticate(credentials.headers());
      if (principal.isPresent()) {
        return Caller.of(principal.get(), "proxy");
      }
    }
    if (credentials.bearer().isPresent() && tokens.isEnabled()) {
      return Caller.of(tokens.verify(credentials.bearer().get()).principal(), "jwt");
    }
    if (credentials.cookie().isPresent()) {
      Optional<Caller> caller = session(credentials.cookie().get());
      if (caller.isPresent()) {
        return caller.get();
      }
    }
    if (credentials.basic().isPresent()) {
      return basic(credentials.basic().get(), credentials.address());
    }
    return anonymous();
  }

  /** A request without valid credentials; beyond loopback it is never an administrator's. */
  public Caller anonymous() {
    return administrators.exist() || exposed ? Caller.ANONYMOUS : Caller.PARTY;
  }

  /** Whether a caller would still be who it was when its request began. */
  public boolean isStill(Caller caller) {
    if (caller.handler().isEmpty() || caller.principal().name().isEmpty()) {
      return anonymous().principal().equals(caller.principal());
    }
    if (!caller.handler().get().equals("cookie") && !caller.handler().get().equals("default")) {
      return true;
    }
    Optional<Account> account;
    try {
      account = accounts.find(caller.principal().name().get());
    } catch (DocumentException e) {
      return false;
    }
    return account
        .filter(now -> now.principal().equals(caller.principal()))
        .filter(now -> now.salt().equals(caller.salt()))
        .isPresent();
  }

  private Optional<Caller> session(String value) {
    Optional<SessionCookies.Session> session = cookies.read(value);
    Optional<Account> account = session.flatMap(claimed -> accounts.find(claimed.name()));
    if (account.isEmpty() || !cookies.verify(value, account.get().salt(), clock.instant())) {
      return Optional.empty();
    }
    Optional<String> renewed =
        cookies.wantsRenewal(session.get().issued(), clock.instant())
            ? Optional.of(cookie(account.get()))
            : Optional.empty();
    return Optional.of(Caller.of(account.get(), "cookie", renewed));
  }

  private String cookie(Account account) {
    return cookies.create(account.name(), account.salt(), clock.instant());
  }

  private Caller basic(NamePassword given, String address) {
    Optional<Account> account = accounts.find(given.name());
    boolean secondFactor = account.flatMap(Account::totp).isPresent();
    if (!isPassword(given, account, address, "default") || secondFactor) {
      throw new DocumentException.Unauthorized(INCORRECT);
    }
    return Caller.of(account.orElseThrow(), "default", Optional.empty());
  }

  /**
   * Logs a user in.
   *
   * @param token the second factor; empty where none was given
   * @return the caller with a new cookie
   * @throws DocumentException.Unauthorized when name, password or token is wrong
   * @throws DocumentException.Forbidden when the account is locked
   * @throws PasswordHasher.Overloaded when too many passwords wait to be checked
   */
  public Caller logIn(NamePassword given, String token, String address) {
    Optional<Account> account = accounts.find(given.name());
    if (!isPassword(given, account, address, "cookie")) {
      throw new DocumentException.Unauthorized(INCORRECT);
    }
    Account known = account.orElseThrow();
    if (known.totp().isPresent() && !known.totp().get().verify(token, clock.instant())) {
      audit.loginFailed(given.name(), address, "totp");
      lockouts.failed(address, given.name(), known.salt());
      throw new DocumentException.Unauthorized(INCORRECT);
    }
    return Caller.of(known, "cookie", Optional.of(cookie(known)));
  }

  private boolean isPassword(
      NamePassword given, Optional<Account> account, String address, String handler) {
    String salt = account.map(Account::salt).orElse("");
    if (lockouts.isLocked(address, given.name(), salt)) {
      audit.lockedOut(given.name(), address);
      throw new DocumentException.Forbidden(LOCKED);
    }
    var hash = account.flatMap(Account::hash);
    boolean bounded = account.map(Account::stored).orElse(true);
    if (!hasher.matches(given.name(), given.password(), hash, bounded)) {
      lockouts.failed(address, given.name(), salt);
      audit.loginFailed(given.name(), address, handler);
      return false;
    }
    if (account.orElseThrow().stored() && hasher.needsUpgrade(hash.orElseThrow())) {
      upgrades.upgrade(given.name(), given.password());
    }
    return true;
  }
}
