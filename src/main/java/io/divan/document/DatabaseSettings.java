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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The settings of a database. What every write needs is cached as long as the store's config
 * version says that nobody has changed it; so every change bumps that. Safe for use by many
 * threads.
 */
public final class DatabaseSettings {

  /** How many purges are remembered where the database does not say otherwise. */
  public static final int PURGED_INFOS_LIMIT_DEFAULT = PurgeInfos.LIMIT_DEFAULT;

  /**
   * What writes need.
   *
   * @param version the config version it belongs to
   * @param oldBytesKnown whether {@link Tables#SIZE_OLD} is what the bodies of revisions that are
   *     no leaves weigh
   */
  record Cached(Versionstamp version, int revsLimit, boolean oldBytesKnown) {}

  /** What is cached, of any incarnation: their versions differ. */
  static final class Cache {
    private final AtomicReference<Optional<Cached>> value =
        new AtomicReference<>(Optional.empty());
  }

  private final Store store;
  private final Cache cache;

  DatabaseSettings(Store store, Cache cache) {
    this.store = store;
    this.cache = cache;
  }

  /** What a transaction needs to know. */
  Cached in(ReadTransaction transaction) {
    Versionstamp version = transaction.configVersion();
    Optional<Cached> known = cache.value.get().filter(s -> s.version().equals(version));
    if (known.isPresent()) {
      return known.get();
    }
    List<Optional<byte[]>> rows =
        transaction.getAll(
            Tables.METADATA, List.of(Tables.REVS_LIMIT, Tables.OLD_BYTES_KNOWN));
    Cached read =
        new Cached(
            version, number(rows.getFirst(), Database.REVS_LIMIT_DEFAULT),
            rows.getLast().isPresent());
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

  /** How many revisions of a path are kept. */
  public int revsLimit() {
    return store.read(transaction -> in(transaction).revsLimit());
  }

  /**
   * Sets how many revisions of a path are kept; documents are stemmed when they are edited next.
   *
   * @param limit at least 1
   */
  public void revsLimit(int limit) {
    set(Tables.REVS_LIMIT, limit);
  }

  /** How many purges are remembered. */
  public int purgedInfosLimit() {
    return store.read(PurgeInfos::limit);
  }

  /**
   * Sets how many purges are remembered; those beyond are forgotten by the next purges and by a
   * compaction.
   *
   * @param limit at least 1
   */
  public void purgedInfosLimit(int limit) {
    set(Tables.PURGED_INFOS_LIMIT, limit);
  }

  private void set(byte[] key, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("A limit is at least 1, not " + limit);
    }
    put(key, new TupleWriter().add(limit).toBytes());
  }

  /** The security object. */
  public SecurityObject security() {
    return store
        .read(transaction -> transaction.get(Tables.METADATA, Tables.SECURITY))
        .map(SecurityObject::new)
        .orElse(SecurityObject.DEFAULT);
  }

  /**
   * Replaces the security object.
   *
   * @throws io.divan.storage.StorageException.LimitExceeded when it exceeds what a value holds
   */
  public void security(SecurityObject security) {
    put(Tables.SECURITY, security.json());
  }

  private void put(byte[] key, byte[] value) {
    store.write(
        (WriteTransaction transaction) -> {
          transaction.put(Tables.METADATA, key, value);
          transaction.bumpConfigVersion();
          return key;
        });
  }
}
