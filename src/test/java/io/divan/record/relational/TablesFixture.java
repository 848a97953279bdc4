package io.divan.record.relational;

import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tables in memory, new for each test. */
abstract class TablesFixture {
  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  Store store;
  RelationalDatabase db;

  @BeforeEach
  void open() {
    adapter.create("db", transaction -> {});
    store = adapter.open("db");
    db = RelationalDatabase.open(store, "test");
  }

  @AfterEach
  void close() {
    adapter.close();
  }
}
