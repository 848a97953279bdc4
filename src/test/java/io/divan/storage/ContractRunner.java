package io.divan.storage;

import io.divan.storage.checked.CheckedAdapter;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens the adapter for parts of the contract. All calls go through {@link CheckedAdapter}, as in
 * the service.
 */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
public abstract class ContractRunner implements ContractFixture {

  @TempDir Path directory;

  private Optional<StorageAdapter> raw = Optional.empty();
  private Optional<StorageAdapter> adapter = Optional.empty();
  private Optional<Store> store = Optional.empty();

  /** Opens an adapter, which keeps its files, if any, in {@code directory}. */
  protected abstract StorageAdapter newAdapter(Path directory);

  /** Opens an adapter with the committed data of {@code closed}. */
  protected StorageAdapter reopened(StorageAdapter closed, Path directory) {
    return newAdapter(directory);
  }

  @BeforeEach
  @Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
  void openAdapter() {
    use(newAdapter(directory));
    store = Optional.of(adapter().create("db", transaction -> {}));
  }

  @AfterEach
  @Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
  void closeAdapter() {
    adapter.ifPresent(StorageAdapter::close);
  }

  private void use(StorageAdapter opened) {
    raw = Optional.of(opened);
    adapter = Optional.of(new CheckedAdapter(opened));
  }

  @Override
  public final StorageAdapter adapter() {
    return adapter.orElseThrow();
  }

  @Override
  public final StorageAdapter rawAdapter() {
    return raw.orElseThrow();
  }

  @Override
  public final Store store() {
    return store.orElseThrow();
  }

  @Override
  public final Store reopen() {
    adapter().close();
    use(reopened(rawAdapter(), directory));
    return adapter().open("db");
  }
}
