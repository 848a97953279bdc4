package io.divan.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.LogEvents;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.security.password.PasswordHash;
import io.divan.security.password.PasswordHasher;
import io.divan.storage.ForwardingStore;
import io.divan.storage.ReadTransaction;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import io.divan.storage.checked.CheckedAdapter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Administrators whose passwords are configured in clear. */
class AdministratorsTest {
  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final PasswordHasher hasher = PasswordHasher.withIterations(1);
  private final RuntimeConfiguration configuration = new RuntimeConfiguration();

  /** A store that waits before its first read. */
  private static final class BlockedStore extends ForwardingStore {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    BlockedStore(Store store) {
      super(store);
    }

    @Override
    public <T> T read(Function<ReadTransaction, T> work) {
      entered.countDown();
      try {
        if (!released.await(30, TimeUnit.SECONDS)) {
          throw new IllegalStateException("not released");
        }
      } catch (InterruptedException e) {
        throw new StorageException.StoreUnavailable("interrupted", e);
      }
      return super.read(work);
    }
  }

  @AfterEach
  void close() {
    hasher.close();
    adapter.close();
  }

  private Administrators administrators(Store system, RuntimeConfiguration settings) {
    return administrators("5ecret", system, settings);
  }

  private Administrators administrators(
      String password, Store system, RuntimeConfiguration settings) {
    return new Administrators(Map.of("root", password), system, hasher, settings, false);
  }

  private boolean accepts(Administrators administrators, String password) {
    Optional<PasswordHash> hash = administrators.find("root");
    return hash.isPresent() && hasher.matches("root", password, hash);
  }

  @Test
  void find_knownPassword_keepsItsHash() {
    Optional<PasswordHash> first;
    try (Administrators before = administrators(adapter.system(), configuration)) {
      first = before.find("root");
    }
    try (Administrators after = administrators(adapter.system(), new RuntimeConfiguration())) {
      assertThat(after.find("root")).isPresent().isEqualTo(first);
      assertThat(accepts(after, "5ecret")).isTrue();
      assertThat(accepts(after, "wrong")).isFalse();
      assertThat(after.find("other")).isEmpty();
    }
  }

  @Test
  void find_changedPassword_neverAcceptsTheOldOne() throws Exception {
    try (Administrators before = administrators(adapter.system(), configuration)) {
      assertThat(accepts(before, "5ecret")).isTrue();
    }
    BlockedStore store = new BlockedStore(adapter.system());
    try (Administrators after = administrators("new", store, new RuntimeConfiguration())) {
      CompletableFuture<Boolean> old =
          CompletableFuture.supplyAsync(() -> accepts(after, "5ecret"));
      store.entered.await();
      store.released.countDown();

      assertThat(old.get(30, TimeUnit.SECONDS)).isFalse();
      assertThat(accepts(after, "new")).isTrue();
    }
  }

  @Test
  void hashing_unfinished_namesCountAndLookUpsWait() throws Exception {
    BlockedStore store = new BlockedStore(adapter.system());
    try (Administrators administrators = administrators(store, configuration)) {
      store.entered.await();

      assertThat(administrators.exist()).isTrue();
      assertThat(administrators.find("other")).isEmpty();
      CompletableFuture<Boolean> right =
          CompletableFuture.supplyAsync(() -> accepts(administrators, "5ecret"));
      CompletableFuture<String> shown =
          CompletableFuture.supplyAsync(() -> configuration.value("admins", "root"));
      CompletableFuture<Map<String, String>> listed =
          CompletableFuture.supplyAsync(() -> configuration.values("admins"));
      store.released.countDown();
      assertThat(right.get(30, TimeUnit.SECONDS)).isTrue();
      String hash = administrators.find("root").orElseThrow().toText();
      assertThat(shown.get(30, TimeUnit.SECONDS)).isEqualTo(hash);
      assertThat(listed.get(30, TimeUnit.SECONDS)).containsExactly(Map.entry("root", hash));
    }
  }

  @Test
  void close_duringTheHashing_endsItAndTheWaits() throws Exception {
    BlockedStore store = new BlockedStore(adapter.system());
    Administrators administrators = administrators(store, configuration);
    store.entered.await();
    CompletableFuture<Optional<PasswordHash>> waiting =
        CompletableFuture.supplyAsync(() -> administrators.find("root"));

    administrators.close();

    assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(StorageException.StoreUnavailable.class);
    assertThat(administrators.exist()).isTrue();
  }

  @Test
  void storage_failingOnce_isReadAgain() throws Exception {
    AtomicBoolean failing = new AtomicBoolean(true);
    Store store =
        new ForwardingStore(adapter.system()) {
          @Override
          public <T> T read(Function<ReadTransaction, T> work) {
            if (failing.getAndSet(false)) {
              throw new StorageException.StoreUnavailable("no quorum");
            }
            return super.read(work);
          }
        };
    try (LogEvents log = new LogEvents(ConfiguredPasswords.class.getName());
        Administrators administrators = administrators(store, configuration)) {
      assertThat(accepts(administrators, "5ecret")).isTrue();
      log.await(message -> message.contains("no quorum") && message.contains("divan.admins"));
    }
  }

  @Test
  void hashes_ofInstancesThatStartTogether_areEqual() {
    AtomicReference<Optional<PasswordHash>> other = new AtomicReference<>(Optional.empty());
    Store store =
        new ForwardingStore(adapter.system()) {
          @Override
          public <T> Written<T> write(Function<WriteTransaction, T> work) {
            if (other.get().isEmpty()) {
              try (Administrators faster =
                  administrators(adapter.system(), new RuntimeConfiguration())) {
                other.set(faster.find("root"));
              }
            }
            return super.write(work);
          }
        };
    try (Administrators slower = administrators(store, configuration)) {
      assertThat(slower.find("root")).isPresent().isEqualTo(other.get());
    }
  }
}
