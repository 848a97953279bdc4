package io.divan.storage.checked;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.Capability;
import io.divan.storage.ForwardingStore;
import io.divan.storage.Limits;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CheckedCapabilitiesTest {
  private final ReferenceAdapter adapter = new ReferenceAdapter();
  private final Store reference = adapter.create("db", transaction -> {});
  private final CheckedWork work = new CheckedWork();

  @AfterEach
  void close() {
    adapter.close();
  }

  /** A capability that the checks do not know. */
  private interface Backup extends Capability {}

  private static final class Capable extends ForwardingStore
      implements Capability.Shrinking, Backup {
    Capable(Store store) {
      super(store);
    }

    @Override
    public <C extends Capability> Optional<C> capability(Class<C> type) {
      return type.isInstance(this) ? Optional.of(type.cast(this)) : Optional.empty();
    }

    @Override
    public boolean shrink() {
      return true;
    }
  }

  @Test
  void capability_ofTheStoreBelow_isOffered() {
    Store store = new CheckedStore(new Capable(reference), work);
    assertThat(store.capability(Capability.Shrinking.class)).isPresent();
    assertThat(store.capability(Capability.Shrinking.class).get().shrink()).isTrue();
  }

  @Test
  void capability_missingBelow_isNotOffered() {
    Store store = new CheckedStore(new Capable(reference), work);
    assertThat(store.capability(Capability.Snapshots.class)).isEmpty();
    assertThat(store.capability(Capability.RangeSizes.class)).isEmpty();
    assertThat(new CheckedStore(reference, work).capability(Capability.Shrinking.class)).isEmpty();
    assertThat(new CheckedAdapter(adapter).capability(Capability.UnverifiedHandles.class))
        .isEmpty();
    assertThat(new CheckedAdapter(adapter).capability(Capability.Status.class)).isEmpty();
  }

  @Test
  void capability_unknownToTheChecks_isNotOffered() {
    Store store = new CheckedStore(new Capable(reference), work);
    assertThat(store.capability(Backup.class)).isEmpty();
  }

  @Test
  void writeUnsynced_keepsTheLimits() {
    Capability.UnsyncedWrites unsynced =
        new CheckedStore(reference, work)
            .capability(Capability.UnsyncedWrites.class)
            .orElseThrow();
    byte[] tooLong = new byte[Limits.VALUE_BYTES_MAX + 1];
    assertThatThrownBy(
        () -> unsynced.writeUnsynced(
            transaction -> {
              transaction.put(new Table(30, "rows"), new byte[] {1}, tooLong);
              return true;
            }))
        .isInstanceOf(StorageException.LimitExceeded.class);
  }

  @Test
  void orDurable_storeWithoutTheCapability_writes() {
    Store plain = new CheckedStore(new Capable(reference), work);
    assertThat(plain.capability(Capability.UnsyncedWrites.class)).isEmpty();
    assertThat(Capability.UnsyncedWrites.orDurable(plain, transaction -> 7).result()).isEqualTo(7);
  }

  @Test
  void capability_usedWithinWork_isRefused() {
    Store store = new CheckedStore(new Capable(reference), work);
    Capability.Shrinking shrinking = store.capability(Capability.Shrinking.class).orElseThrow();
    Capability.Snapshots snapshots =
        new CheckedStore(reference, work).capability(Capability.Snapshots.class).orElseThrow();
    store.read(
        transaction -> {
          assertThatIllegalStateException().isThrownBy(shrinking::shrink);
          assertThatIllegalStateException().isThrownBy(snapshots::openSnapshot);
          return true;
        });
  }
}
