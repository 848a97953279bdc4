package io.divan.security;

import io.divan.document.Changes;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.FoundDocument;
import io.divan.document.Principal;
import io.divan.document.ReadOptions;
import io.divan.document.revision.Sequence;
import io.divan.security.users.UserDocument;
import io.divan.storage.StorageException;
import io.divan.storage.Watch;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The users who can log in: administrators, and documents of {@code _users}. Documents are cached.
 *
 * <p>Before a lookup uses the cache, it evicts the documents that have changed, if there may be
 * any. An edit on this instance is noted before it is acknowledged, so the next lookup sees it.
 * Edits on other instances are noted by a watch, or after {@value #POLL_SECONDS} s where the watch
 * fails. Safe for use by many threads.
 */
public final class Accounts implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Accounts.class.getName());

  /** The meter of look-ups in the cache. */
  public static final String CACHE_METER = "divan.account.cache.requests";

  private static final String PREFIX = "org.couchdb.user:";
  private static final int CACHED_MAX = 10_000;
  private static final int CHANGES_MAX = 1_000;
  private static final int POLL_SECONDS = 5;
  private static final Changes.Query QUERY = new Changes.Query(false, false, false, false);

  /** A document as it was read; empty where there is none. */
  private record Cached(Optional<UserDocument> document, boolean conflicted) {}

  private final Databases databases;
  private final Administrators administrators;
  private final UserChanges changes;
  private final BooleanSupplier allowConflicts;
  private final Map<String, Cached> cache = new ConcurrentHashMap<>();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final ReentrantLock catchingUp = new ReentrantLock();
  private final Thread watcher;
  private volatile boolean closed;
  private volatile long generation;
  private Sequence position = Sequence.ZERO;

  Accounts(
      Databases databases,
      Administrators administrators,
      UserChanges changes,
      BooleanSupplier allowConflicts) {
    this.databases = databases;
    this.administrators = administrators;
    this.changes = changes;
    this.allowConflicts = allowConflicts;
    this.watcher = Thread.ofVirtual().name("users-watch").start(this::watch);
  }

  /**
   * The account of a name; empty when there is no such user.
   *
   * @throws DocumentException.Unauthorized when the user's document has conflicts
   */
  Optional<Account> find(String name) {
    Cached cached = document(name);
    if (cached.conflicted() && !allowConflicts.getAsBoolean()) {
      throw new DocumentException.Unauthorized(
          "User document conflicts must be resolved before the document is used for"
              + " authentication purposes.");
    }
    Optional<Account> administrator =
        administrators
            .find(name)
            .map(
                hash -> new Account(
                    name,
                    Set.of(Principal.SERVER_ADMIN_ROLE),
                    Optional.of(hash),
                    Optional.empty(),
                    false));
    if (administrator.isPresent()) {
      return administrator.map(
          account -> cached.document().map(user -> account.with(user.roles())).orElse(account));
    }
    return cached
        .document()
        .map(user -> new Account(name, user.roles(), user.hash(), user.totp(), true));
  }

  /** How many look-ups the cache answered. */
  long hits() {
    return hits.sum();
  }

  /** How many look-ups read the user's document. */
  long misses() {
    return misses.sum();
  }

  private Cached document(String name) {
    if (changes.pending()) {
      catchUp();
    }
    Cached known = cache.get(name);
    if (known != null) {
      hits.increment();
      return known;
    }
    misses.increment();
    long before = generation;
    Cached read = read(name);
    if (cache.size() >= CACHED_MAX) {
      cache.clear();
    }
    catchingUp.lock();
    try {
      if (generation == before) {
        cache.put(name, read);
      }
    } finally {
      catchingUp.unlock();
    }
    return read;
  }

  private Cached read(String name) {
    try {
      FoundDocument found = users().get(PREFIX + name, false, ReadOptions.conflicts(true));
      return UserDocument.parse(found.json())
          .map(document -> new Cached(Optional.of(document), document.conflicted()))
          .orElse(new Cached(Optional.empty(), false));
    } catch (DocumentException.NotFound | StorageException.DatabaseNotFound e) {
      return new Cached(Optional.empty(), false);
    }
  }

  private Database users() {
    return databases.open(UserChanges.USERS, Principal.SERVER_ADMIN);
  }

  /** Evicts what has changed since the last call; everything where that is much or unknown. */
  private void catchUp() {
    catchingUp.lock();
    try {
      if (!changes.pending()) {
        return;
      }
      changes.take();
      boolean done = false;
      try {
        evict();
        done = true;
      } finally {
        if (!done) {
          changes.note();
        }
      }
    } finally {
      catchingUp.unlock();
    }
  }

  private void evict() {
    generation++;
    Changes.Batch batch;
    try {
      batch = users().changes(QUERY).read(position, CHANGES_MAX, false);
    } catch (StorageException.DatabaseNotFound e) {
      cache.clear();
      position = Sequence.ZERO;
      return;
    }
    if (position.equals(batch.last())) {
      return;
    }
    if (batch.atEnd() && !batch.changes().isEmpty()) {
      batch.changes().forEach(change -> cache.remove(name(change.id())));
    } else {
      cache.clear(); // many changes, a purge, or a database that was created again
    }
    position = batch.last();
  }

  private static String name(String id) {
    return id.startsWith(PREFIX) ? id.substring(PREFIX.length()) : id;
  }

  private void watch() {
    while (!closed) {
      try {
        Changes.Batch batch =
            users().changes(QUERY).read(users().updateSequence(), CHANGES_MAX, true);
        changes.note();
        if (batch.watch().isPresent()) {
          try (Watch watch = batch.watch().get()) {
            watch.await(Duration.ofSeconds(POLL_SECONDS));
          }
        }
      } catch (StorageException e) {
        changes.note();
        LOG.log(System.Logger.Level.DEBUG, "The users cannot be watched now", e);
        pause();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(Duration.ofSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    watcher.interrupt();
  }
}
