package io.divan.document;

import io.divan.document.revision.RevisionPath;
import io.divan.document.rows.PurgeInfos;
import io.divan.document.rows.Tables;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * The settings of a database. The settings that every write needs are cached until the store's
 * configuration version changes, so every change of a setting bumps that version. Safe for use by
 * many threads.
 */
public final class DatabaseSettings {

  /** The default of {@link #purgedInfosLimit()}. */
  public static final int PURGED_INFOS_LIMIT_DEFAULT = PurgeInfos.LIMIT_DEFAULT;

  /** The security object. */
  static final DerivedValue<SecurityObject> SECURITY =
      transaction -> transaction
          .get(Tables.METADATA, Tables.SECURITY)
          .map(SecurityObject::new)
          .orElse(SecurityObject.DEFAULT);

  /** The settings at one configuration version, and the values derived from them. */
  static final class Cached {
    private final Versionstamp version;
    private final int revsLimit;
    private final boolean oldBytesKnown;
    private final boolean attachments;
    private final Map<DerivedValue<?>, Object> derived = new ConcurrentHashMap<>();

    Cached(
        Versionstamp version, int revsLimit, boolean oldBytesKnown, boolean attachments) {
      this.version = version;
      this.revsLimit = revsLimit;
      this.oldBytesKnown = oldBytesKnown;
      this.attachments = attachments;
    }

    /** The configuration version. */
    Versionstamp version() {
      return version;
    }

    int revsLimit() {
      return revsLimit;
    }

    /** Whether {@link Tables#SIZE_OLD} is right. */
    boolean oldBytesKnown() {
      return oldBytesKnown;
    }

    /** Whether an attachment was ever stored. */
    boolean hasAttachments() {
      return attachments;
    }

    /** A value that was computed already. */
    @SuppressWarnings("unchecked") // the loader that is the key computed the value
    <T> Optional<T> known(DerivedValue<T> value) {
      return Optional.ofNullable((T) derived.get(value));
    }

    /**
     * A value computed from settings and design documents.
     *
     * @param transaction one that has this configuration version and has not written yet
     */
    @SuppressWarnings("unchecked") // the loader that is the key computed the value
    <T> T derived(ReadTransaction transaction, DerivedValue<T> value) {
      Object known = derived.get(value);
      if (known == null) {
        known = value.load(transaction);
        derived.put(value, known);
      }
      return (T) known;
    }
  }

  /** The cache of a database's handles. It may serve several incarnations: versions differ. */
  static final class Cache {
    private final String database;
    private final Format format;
    private final AtomicReference<Optional<Cached>> value =
        new AtomicReference<>(Optional.empty());

    /**
     * Creates an empty cache.
     *
     * @param format refuses the database if a newer version raises its format
     */
    Cache(String database, Format format) {
      this.database = database;
      this.format = format;
    }

    /** The settings at the last version that was read; newer ones may exist. */
    Optional<Cached> latest() {
      return value.get();
    }

    /** Whether the last edit had slow rules; only a hint. */
    private volatile boolean slowRules;

    boolean hasSlowRules() {
      return slowRules;
    }

    void hasSlowRules(boolean some) {
      if (some != slowRules) {
        slowRules = some;
      }
    }
  }

  private final Store store;
  private final Cache cache;
  private final Guard guard;

  DatabaseSettings(Store store, Cache cache, Guard guard) {
    this.store = store;
    this.cache = cache;
    this.guard = guard;
  }

  /** The settings as a transaction sees them that has not written yet. */
  Cached in(ReadTransaction transaction) {
    return in(transaction, cache);
  }

  /** The settings as a transaction sees them that has not written yet. */
  static Cached in(ReadTransaction transaction, Cache cache) {
    Versionstamp version = transaction.configVersion();
    Optional<Cached> known = cache.value.get().filter(s -> s.version().equals(version));
    if (known.isPresent()) {
      return known.get();
    }
    List<Optional<byte[]>> rows =
        transaction.getAll(
            Tables.METADATA,
            List.of(Tables.REVS_LIMIT, Tables.OLD_BYTES_KNOWN, Tables.HAS_ATTACHMENTS));
    cache.format.checkNotNewer(cache.database, transaction);
    Cached read =
        new Cached(
            version,
            number(rows.getFirst(), Database.REVS_LIMIT_DEFAULT),
            rows.get(1).isPresent(),
            rows.get(2).isPresent());
    cache.value.set(Optional.of(read));
    return read;
  }

  /** The part of a path that is shown: no more than the limit, also where more is stored. */
  RevisionPath cut(ReadTransaction transaction, RevisionPath path) {
    return path.stemmed(in(transaction).revsLimit());
  }

  private static int number(Optional<byte[]> row, int otherwise) {
    return row.map(value -> (int) new TupleReader(value).nextLong()).orElse(otherwise);
  }

  /** The number of revisions kept on each path of a tree. */
  public int revsLimit() {
    return store.read(transaction -> in(transaction).revsLimit());
  }

  /**
   * Sets the number of revisions kept on each path. A document is stemmed by its next edit.
   *
   * @param limit at least 1
   */
  public void revsLimit(int limit) {
    set(Tables.REVS_LIMIT, limit, Action.ADMINISTER);
  }

  /** The number of purges that are remembered. */
  public int purgedInfosLimit() {
    return store.read(PurgeInfos::limit);
  }

  /**
   * Sets the number of purges that are remembered. The next purges and compactions forget those
   * beyond it.
   *
   * @param limit at least 1
   */
  public void purgedInfosLimit(int limit) {
    set(Tables.PURGED_INFOS_LIMIT, limit, Action.PURGE);
  }

  private void set(byte[] key, int limit, Action action) {
    if (limit < 1) {
      throw new IllegalArgumentException("A limit must be at least 1, not " + limit);
    }
    put(key, new TupleWriter().add(limit).toBytes(), action);
  }

  /** The security object. */
  public SecurityObject security() {
    return derived(SECURITY);
  }

  /** A value computed from settings and design documents; from the cache where possible. */
  public <T> T derived(DerivedValue<T> value) {
    return store.read(transaction -> in(transaction).derived(transaction, value));
  }

  /**
   * A value computed from settings and design documents; from the cache where possible.
   *
   * @param transaction one that has not written yet
   */
  public <T> T derived(ReadTransaction transaction, DerivedValue<T> value) {
    return in(transaction).derived(transaction, value);
  }

  /**
   * Replaces the security object.
   *
   * @throws io.divan.storage.StorageException.LimitExceeded when it is larger than a value may be
   */
  public void security(SecurityObject security) {
    put(Tables.SECURITY, security.json(), Action.SET_SECURITY);
  }

  /**
   * Changes the security object in one transaction. Writes nothing if the change has no effect.
   *
   * @param change may run again
   */
  public void changeSecurity(UnaryOperator<SecurityObject> change) {
    store.write(
        (WriteTransaction transaction) -> {
          guard.check(transaction, Action.SET_SECURITY);
          SecurityObject before = in(transaction).derived(transaction, SECURITY);
          byte[] json = change.apply(before).json();
          if (!Arrays.equals(json, before.json())) {
            transaction.put(Tables.METADATA, Tables.SECURITY, json);
            transaction.bumpConfigVersion();
          }
          return json;
        });
  }

  private void put(byte[] key, byte[] value, Action action) {
    store.write(
        (WriteTransaction transaction) -> {
          guard.check(transaction, action);
          transaction.put(Tables.METADATA, key, value);
          transaction.bumpConfigVersion();
          return key;
        });
  }
}
