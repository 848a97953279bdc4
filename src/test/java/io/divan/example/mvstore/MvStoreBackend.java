package io.divan.example.mvstore;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;

/** The backend {@code mvstore}: all databases in one file of H2's MVStore. */
record MvStoreBackend(MvStoreProperties properties) implements StorageBackend {

  @Override
  public String name() {
    return "mvstore";
  }

  /** Its stores lack the capabilities that layers need. */
  @Override
  public boolean isBase() {
    return false;
  }

  @Override
  public StorageAdapter open(Context context) {
    int megabytes = Math.max(1, (int) properties.cacheSize().toMegabytes());
    return new MvStoreAdapter(context.directory(), megabytes, context.listener());
  }
}
