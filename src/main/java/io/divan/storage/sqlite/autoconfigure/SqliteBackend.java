package io.divan.storage.sqlite.autoconfigure;

import io.divan.storage.Capability;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.StorageException;
import io.divan.storage.layer.BaseBackends;
import io.divan.storage.sqlite.SqliteFileAdapter;
import io.divan.storage.sqlite.SqlitePagesAdapter;
import io.divan.storage.sqlite.pages.PageOptions;
import io.divan.storage.sqlite.pages.SqlitePages;
import java.time.Duration;
import java.util.List;

/** The backend {@code sqlite}: a file for each database, or SQLite's pages in a base. */
record SqliteBackend(SqliteProperties properties) implements StorageBackend {

  /** How long overwritten pages stay readable where the base's snapshots expire. */
  private static final Duration OLD_PAGES = Duration.ofMinutes(1);

  private static final Duration LEASE_IDLE = Duration.ofSeconds(1);

  private static final BaseBackends BASES =
      new BaseBackends("sqlite", "pages", "sqlite-pages", List.of(Capability.Snapshots.class));

  @Override
  public String name() {
    return "sqlite";
  }

  @Override
  public boolean isBase() {
    return false;
  }

  @Override
  public boolean isShared(Context context) {
    return properties.engine().equals("pages") && BASES.isShared(context, properties.over());
  }

  @Override
  public StorageAdapter open(Context context) {
    return switch (properties.engine()) {
      case "file" ->
          new SqliteFileAdapter(
              SqliteFileAdapter.Options.of(context.directory()), context.listener());
      case "pages" -> pages(context);
      default ->
          throw new InvalidSettings(
              "divan.storage.sqlite.engine is \"" + properties.engine() + "\", which is unknown.",
              "Set divan.storage.sqlite.engine to file or pages.");
    };
  }

  private StorageAdapter pages(Context context) {
    StorageBackend base = BASES.find(context, properties.over()).orElseThrow();
    try {
      SqlitePages.requireUsable();
    } catch (StorageException.StoreUnusable e) {
      throw new InvalidSettings(
          e.getMessage() + ".", "Set divan.storage.sqlite.engine to file, or change that.");
    }
    StorageAdapter opened = BASES.open(base, context);
    boolean snapshotsExpire =
        opened
            .system()
            .capability(Capability.Snapshots.class)
            .flatMap(Capability.Snapshots::lifetime)
            .isPresent();
    PageOptions pages =
        PageOptions.defaults()
            .leases(BaseBackends.leases(base, context), LEASE_IDLE)
            .keepOldPages(snapshotsExpire ? OLD_PAGES : Duration.ZERO);
    return new SqlitePagesAdapter(
        opened,
        SqlitePagesAdapter.Options.of(pages).ownerWait(context.ownerWait()),
        context.listener());
  }
}
