package io.divan.security.users;

import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.DocumentParser;
import io.divan.document.Principal;
import io.divan.document.ReadOptions;
import io.divan.document.UpdateResult;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.logging.LogContext;
import io.divan.security.password.PasswordHash;
import io.divan.security.password.PasswordHasher;
import io.divan.storage.StorageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Replaces the hashes of passwords that were made with other settings, after their users have
 * logged in. A user's salt is kept, and with it the sessions. What fails, or does not fit the
 * queue, is done at a later log-in. Safe for use by many threads.
 */
public final class PasswordUpgrades implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PasswordUpgrades.class.getName());
  private static final int QUEUE_MAX = 100;

  private final Databases databases;
  private final UsersSettings settings;
  private final PasswordHasher hasher;
  private final ThreadPoolExecutor worker;

  PasswordUpgrades(Databases databases, UsersSettings settings, PasswordHasher hasher) {
    this.databases = databases;
    this.settings = settings;
    this.hasher = hasher;
    this.worker =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(QUEUE_MAX),
            Thread.ofVirtual().name("password-upgrades").factory());
    worker.allowCoreThreadTimeOut(true);
  }

  /**
   * Stores a new hash of a password that was just found right. Returns at once.
   *
   * @param name the user
   */
  public void upgrade(String name, String password) {
    if (!settings.upgradeHashes().get()) {
      return;
    }
    try {
      worker.execute(LogContext.carrying(() -> store(name, password)));
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "Too many passwords wait to be hashed again");
    }
  }

  private void store(String name, String password) {
    try {
      Database users = databases.open(UsersDatabase.NAME, Principal.SERVER_ADMIN);
      byte[] json = users.get(UserIds.of(name), false, ReadOptions.NONE).json();
      if (!isPresentPassword(name, password, json)
          || !(JsonValue.read(json) instanceof JsonValue.Obj(Map<String, JsonValue> members))) {
        return;
      }
      Map<String, JsonValue> changed = new LinkedHashMap<>(members);
      changed.put("password", new JsonValue.Str(password));
      changed.put("preserve_salt", JsonValue.Literal.TRUE);
      JsonBuffer body = new JsonBuffer();
      new JsonValue.Obj(changed).appendTo(body);
      UpdateResult result =
          users.update(List.of(new DocumentParser().parse(body.toBytes()))).getFirst();
      if (result instanceof UpdateResult.Refused refused
          && !(refused.reason() instanceof DocumentException.Conflict)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "The hash of a user's password could not be upgraded: {0}",
            refused.reason().reason());
      }
    } catch (DocumentException | StorageException | PasswordHasher.Overloaded e) {
      LOG.log(
          System.Logger.Level.DEBUG, "The hash of a user's password is not upgraded now", e);
    }
  }

  /**
   * Whether a document still needs the upgrade and still has this password: storing a password that
   * its user has changed meanwhile would bring the old one back.
   */
  private boolean isPresentPassword(String name, String password, byte[] json) {
    Optional<PasswordHash> hash = UserDocument.parse(json).flatMap(UserDocument::hash);
    return hash.filter(hasher::needsUpgrade).isPresent() && hasher.matches(name, password, hash);
  }

  /** What waits is done at a later log-in. */
  @Override
  public void close() {
    worker.shutdownNow();
  }
}
