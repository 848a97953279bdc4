package io.divan.document;

import io.divan.storage.ReadTransaction;

/**
 * A database's configuration at the start of a transaction. Used only within {@link
 * EditRule.Source#rule} or {@link EditObserver.Source#observer}; values obtained from it may be
 * kept.
 */
public final class EditContext {
  private final String database;
  private final ReadTransaction transaction;
  private final DatabaseSettings.Cached settings;

  EditContext(String database, ReadTransaction transaction, DatabaseSettings.Cached settings) {
    this.database = database;
    this.transaction = transaction;
    this.settings = settings;
  }

  /** The database's name. */
  public String database() {
    return database;
  }

  /** The security object. */
  public SecurityObject security() {
    return derived(DatabaseSettings.SECURITY);
  }

  /** A value computed from settings and design documents; from the cache where possible. */
  public <T> T derived(DerivedValue<T> value) {
    return settings.derived(transaction, value);
  }
}
