package io.divan.storage.redb.autoconfigure;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.redb.RedbAdapter;
import org.springframework.util.unit.DataSize;

/** The backend {@code redb}: each database is a file in redb's format. */
record RedbBackend(RedbProperties properties) implements StorageBackend {
  private static final DataSize CACHE_MIN = DataSize.ofMegabytes(1);

  @Override
  public String name() {
    return "redb";
  }

  @Override
  public StorageAdapter open(Context context) {
    RedbAdapter.Options options = RedbAdapter.Options.of(context.directory());
    DataSize cache = properties.cacheSize();
    if (cache == null) {
      return new RedbAdapter(options, context.listener());
    }
    if (cache.compareTo(CACHE_MIN) < 0) {
      throw new InvalidSettings(
          "divan.storage.redb.cache-size is " + cache + ", which is too small.",
          "Set divan.storage.redb.cache-size to 1MB at least, or remove it.");
    }
    return new RedbAdapter(options.cacheBytes(cache.toBytes()), context.listener());
  }
}
