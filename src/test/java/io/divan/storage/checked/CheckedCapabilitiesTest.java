package io.divan.storage.checked;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.divan.storage.Capability;
import io.divan.storage.ForwardingStore;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Store;
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
