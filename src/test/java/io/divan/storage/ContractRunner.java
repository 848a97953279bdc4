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
 * An adapter for parts of the contract to run on. Everything runs through {@link CheckedAdapter},
 * as it does in the service.
 */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
public abstract class ContractRunner implements ContractFixture {

  @TempDir Path directory;

  private Optional<StorageAdapter> raw = Optional.empty();
  private Optional<StorageAdapter> adapter = Optional.empty();
  private Optional<Store> store = Optional.empty();

  /** A new adapter that keeps its files, if any, in the directory, and finds there what it left. */
  protected abstract StorageAdapter newAdapter(Path directory);

  /** An adapter that holds what {@code closed} had committed. */
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
