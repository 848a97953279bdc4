package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.redb.RedbAdapter;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevalidatedStoreTest {
  private static final Table T = new Table(30, "rows");
  private static final byte[] KEY = {1};

  @TempDir Path directory;
  private StorageAdapter adapter;
  private Store first;

  @BeforeEach
  void open() {
    adapter =
        new CheckedAdapter(
            new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE));
    first = create("a");
  }

  private Store create(String name) {
    return adapter.create(name, transaction -> transaction.put(T, KEY, KEY));
  }

  @AfterEach
  void close() {
    adapter.close();
  }

  private RevalidatedStore revalidated(Store store) {
    return new RevalidatedStore(store, () -> adapter.open(store.name()));
  }

  private static boolean hasRow(Store store) {
    return store.<Boolean>read(transaction -> transaction.get(T, KEY).isPresent());
  }

  @Test
  void equals_sameIncarnation_areEqualAndHashAlike() {
    assertThat(revalidated(first))
        .isEqualTo(revalidated(adapter.open("a")))
        .hasSameHashCodeAs(revalidated(adapter.open("a")));
  }

  @Test
  void equals_otherDatabaseOrIncarnation_areNotEqual() {
    adapter.delete("a");
    assertThat(revalidated(first))
        .isNotEqualTo(revalidated(create("a")))
        .isNotEqualTo(revalidated(create("b")));
  }

  @Test
  void equals_afterFindingTheNextIncarnation_isEqualToIt() {
    RevalidatedStore store = revalidated(first);
    adapter.delete("a");
    Store second = create("a");

    assertThat(hasRow(store)).isTrue();

    assertThat(store).isEqualTo(revalidated(second)).isNotEqualTo(revalidated(first));
  }
}
