package io.divan.security.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.security.password.ManualClock;
import io.divan.storage.ForwardingStore;
import io.divan.storage.ReadTransaction;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import io.divan.storage.checked.CheckedAdapter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The secret of session cookies, on several instances and over restarts. */
class SessionSecretsTest {
  private static final byte[] DATA = {1, 2, 3};
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private final ManualClock clock = new ManualClock(Instant.ofEpochSecond(1_700_000_000));
  private final CheckedAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final AtomicBoolean failing = new AtomicBoolean();
  private final AtomicInteger reads = new AtomicInteger();

  /** One instance of the service. */
  private final class Instance {
    final RuntimeConfiguration configuration = new RuntimeConfiguration();
    final SessionSecrets secrets;

    Instance(String configured) {
      SessionSettings settings =
          SessionSettings.declare(
              configuration,
              new SessionProperties(
                  configured, TIMEOUT, List.of("sha256", "sha"), true, "", ""));
      secrets = new SessionSecrets(new SecretsRow(this::system), settings, clock);
    }

    private Store system() {
      return new ForwardingStore(adapter.system()) {
        @Override
        public <T> T read(Function<ReadTransaction, T> work) {
          fail();
          reads.incrementAndGet();
          return super.read(work);
        }

        @Override
        public <T> Written<T> write(Function<WriteTransaction, T> work) {
          fail();
          return super.write(work);
        }
      };
    }

    byte[] sign() {
      return secrets.sign(DATA, "salt");
    }

    boolean verifies(byte[] mac) {
      return secrets.verify(DATA, "salt", mac);
    }

    void set(String secret) {
      configuration.set("chttpd_auth", "secret", secret, false);
    }
  }

  private void fail() {
    if (failing.get()) {
      throw new StorageException.StoreUnavailable("The storage is off");
    }
  }

  @AfterEach
  void close() {
    adapter.close();
  }

  @Test
  void sign_randomSecret_isTheSameOnEveryInstanceAndAfterARestart() {
    byte[] mac = new Instance("").sign();

    Instance other = new Instance("");
    assertThat(other.sign()).isEqualTo(mac);
    assertThat(other.verifies(mac)).isTrue();
    assertThat(other.secrets.verify(DATA, "other salt", mac)).isFalse();
    assertThat(other.secrets.verify(new byte[] {1}, "salt", mac)).isFalse();
    assertThat(other.verifies(new byte[32])).isFalse();
    assertThat(other.verifies(new byte[0])).isFalse();
    assertThat(other.secrets.isConfigured()).isFalse();
  }

  @Test
  void new_manyInstancesAtOnce_createOneSecret() {
    Set<List<Byte>> macs = ConcurrentHashMap.newKeySet();
    try (ExecutorService starts = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  List<Byte> mac = new ArrayList<>();
                  for (byte b : new Instance("").sign()) {
                    mac.add(b);
                  }
                  macs.add(mac);
                },
                starts));
      }
      all.forEach(CompletableFuture::join);
    }
    assertThat(macs).hasSize(1);
  }

  @Test
  void set_newSecret_theOldOneCountsUntilTheTimeoutOnEveryInstance() {
    Instance one = new Instance("");
    Instance two = new Instance("");
    byte[] old = one.sign();

    one.set("new secret");

    byte[] mac = one.sign();
    assertThat(mac).isEqualTo(new Instance("new secret").sign()).isNotEqualTo(old);
    assertThat(one.verifies(old)).isTrue();
    assertThat(two.verifies(mac)).as("read at once").isTrue();
    assertThat(two.sign()).isEqualTo(mac);
    assertThat(two.verifies(old)).isTrue();
    assertThat(new Instance("new secret").verifies(old)).isTrue();

    clock.advance(TIMEOUT);

    for (Instance any : List.of(one, two, new Instance("new secret"))) {
      assertThat(any.verifies(old)).isFalse();
      assertThat(any.verifies(mac)).isTrue();
    }
  }

  @Test
  void new_otherSecretConfigured_rememberTheFormerOne() {
    byte[] old = new Instance("first").sign();

    Instance restarted = new Instance("second");

    assertThat(restarted.sign()).isNotEqualTo(old);
    assertThat(restarted.verifies(old)).isTrue();
    assertThat(new Instance("second").verifies(old)).as("and after another restart").isTrue();
    clock.advance(TIMEOUT);
    assertThat(restarted.verifies(old)).isFalse();
    assertThat(new Instance("second").verifies(old)).isFalse();
  }

  @Test
  void new_secretNoLongerConfigured_createsARandomOne() {
    byte[] old = new Instance("first").sign();

    Instance restarted = new Instance("");

    byte[] mac = restarted.sign();
    assertThat(mac).isNotEqualTo(old);
    assertThat(restarted.verifies(old)).isTrue();
    assertThat(new Instance("").sign()).isEqualTo(mac);
    clock.advance(TIMEOUT);
    assertThat(restarted.verifies(old)).isFalse();
  }

  @Test
  void set_emptySecret_createsOneRandomSecretForAll() {
    Instance one = new Instance("first");
    Instance two = new Instance("first");

    one.set("");
    byte[] mac = one.sign();
    two.set("");

    assertThat(two.sign()).isEqualTo(mac).isNotEqualTo(new Instance("first").sign());
  }

  /** As while instances are replaced one by one with another configuration. */
  @Test
  void refresh_instancesWithDifferentSecrets_acceptEachOtherForHours() {
    Instance old = new Instance("first");
    Instance replaced = new Instance("second");
    for (int i = 0; i < 60; i++) {
      clock.advance(Duration.ofMinutes(2));
      old.secrets.refresh();
      replaced.secrets.refresh();
      assertThat(replaced.verifies(old.sign())).isTrue();
      assertThat(old.verifies(replaced.sign())).isTrue();
    }

    byte[] last = old.sign(); // and ends
    clock.advance(TIMEOUT);
    replaced.secrets.refresh();
    assertThat(replaced.verifies(last)).isFalse();
  }

  @Test
  void verify_manyForgedSignatures_readRarely() {
    Instance instance = new Instance("");
    clock.advance(Duration.ofSeconds(1));
    reads.set(0);
    for (int i = 0; i < 1_000; i++) {
      assertThat(instance.verifies(new byte[32])).isFalse();
    }
    assertThat(reads).hasValue(1);
    clock.advance(Duration.ofSeconds(1));
    instance.verifies(new byte[32]);
    assertThat(reads).hasValue(2);
  }

  @Test
  void set_storageFails_countsHereAndIsStoredLater() {
    Instance one = new Instance("");
    byte[] old = one.sign();
    failing.set(true);

    one.set("new secret");

    byte[] mac = one.sign();
    assertThat(one.verifies(old)).isTrue();
    assertThat(one.verifies(mac)).isTrue();
    assertThat(one.verifies(new byte[32])).isFalse();
    assertThatThrownBy(one.secrets::refresh).isInstanceOf(StorageException.class);

    failing.set(false);
    one.secrets.refresh();

    Instance two = new Instance("new secret");
    assertThat(two.sign()).isEqualTo(mac);
    assertThat(two.verifies(old)).isTrue();
  }

  @Test
  void start_changeByAnotherInstance_isFollowed() {
    Instance one = new Instance("");
    one.secrets.start();
    Instance two = new Instance("");
    two.set("new secret");
    byte[] mac = two.sign();

    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!Arrays.equals(one.sign(), mac)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
    one.secrets.close();
  }

  @Test
  void toString_any_showsNoSecret() {
    KeptSecrets kept =
        new KeptSecrets(
            "CURRENT", true, List.of(new KeptSecrets.Former("FORMER", Instant.EPOCH)));

    assertThat(kept.toString() + kept.formers()).doesNotContain("CURRENT", "FORMER");
    assertThat(
        new SessionProperties("SECRET", TIMEOUT, List.of("sha"), true, "", "").toString())
        .doesNotContain("SECRET");
    assertThat(KeptSecrets.decode(kept.encode())).isEqualTo(kept);
  }
}
