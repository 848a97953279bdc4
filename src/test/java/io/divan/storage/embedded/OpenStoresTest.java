package io.divan.storage.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenStoresTest {
  private final OpenStores stores = new OpenStores("test-stores", 3, Duration.ofMinutes(1));
  private final List<Integer> closed = new ArrayList<>();

  @AfterEach
  void close() {
    stores.close();
  }

  private static final class Resource extends OpenStore.Resource {
    private final Runnable whenClosed;

    Resource(Runnable whenClosed) {
      this.whenClosed = whenClosed;
    }

    @Override
    protected void close() {
      whenClosed.run();
    }
  }

  private OpenStore<Resource> store(int number) {
    return new OpenStore<>(
        "store " + number, stores, () -> new Resource(() -> closed.add(number)));
  }

  private void use(int number) {
    OpenStore<Resource> store = store(number);
    store.release(store.acquire());
  }

  @Test
  void acquire_room_closesNothing() {
    use(1);
    use(2);
    use(3);
    assertThat(closed).isEmpty();
    assertThat(stores.size()).isEqualTo(3);
  }

  @Test
  void acquire_full_closesTheLeastRecentlyUsed() {
    OpenStore<Resource> used = store(1);
    Resource resource = used.acquire();
    use(2);
    use(3);

    use(4);

    assertThat(closed).containsExactly(2);
    used.release(resource);
  }

  /** As where stores in use have filled the cache beyond its size. */
  @Test
  void acquire_farTooMany_closesUntilThereIsRoom() {
    List<Runnable> releases = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      OpenStore<Resource> store = store(i);
      Resource resource = store.acquire();
      releases.add(() -> store.release(resource));
    }
    releases.forEach(Runnable::run);

    use(10);

    assertThat(stores.size()).isEqualTo(3);
    assertThat(closed).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void fail_inUse_isClosedAndOpenedAgainAfterTheLastRelease() {
    OpenStore<Resource> store = store(1);
    Resource first = store.acquire();

    store.fail(first);

    assertThatThrownBy(store::acquire).isInstanceOf(StorageException.StoreUnavailable.class);
    assertThat(closed).isEmpty();
    store.release(first);
    assertThat(closed).containsExactly(1);
    assertThat(store.acquire()).isNotSameAs(first);
  }

  @Test
  void retire_inUse_isClosedByTheLastRelease() {
    OpenStore<Resource> store = store(1);
    Resource resource = store.acquire();

    store.retire(() -> new StorageException.DatabaseNotFound("a"), Duration.ZERO);
    store.close();

    assertThatThrownBy(store::acquire).isInstanceOf(StorageException.DatabaseNotFound.class);
    assertThat(closed).isEmpty();
    store.release(resource);
    assertThat(closed).containsExactly(1);
    assertThat(stores.size()).isZero();
  }
}
