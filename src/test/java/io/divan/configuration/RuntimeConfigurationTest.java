package io.divan.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.storage.ForwardingStore;
import io.divan.storage.ReadTransaction;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import io.divan.storage.checked.CheckedAdapter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The values of settings, and how they change. */
class RuntimeConfigurationTest {
  private static final ValueType<Long> NUMBER = ValueType.integer(1, 100);
  private static final Follower.Delays QUICK =
      new Follower.Delays(
          Duration.ofSeconds(30), Duration.ofMillis(1), Duration.ofMillis(5));

  private final CheckedAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final RuntimeConfiguration configuration = instance();

  private RuntimeConfiguration instance() {
    return new RuntimeConfiguration(adapter::system);
  }

  private static Setting<Long> number(RuntimeConfiguration configuration) {
    return configuration.declare("s", "n", "divan.s.n", NUMBER, 7L, Trait.CHANGEABLE);
  }

  @AfterEach
  void close() {
    configuration.close();
    adapter.close();
  }

  @Test
  void value_unchanged_isTheConfiguredOne() {
    Setting<Long> number = number(configuration);

    assertThat(number.get()).isEqualTo(7);
    assertThat(configuration.value("s", "n")).isEqualTo("7");
    assertThat(configuration.values()).isEqualTo(Map.of("s", Map.of("n", "7")));
  }

  @Test
  void set_stored_precedesTheConfiguredValueOverRestarts() {
    Setting<Long> number = number(configuration);

    assertThat(configuration.set("s", "n", "8", true)).hasValue("7");

    assertThat(number.get()).isEqualTo(8);
    assertThat(number(instance()).get()).isEqualTo(8);
  }

  @Test
  void set_forThisRun_precedesTheStoredValueUntilReload() {
    Setting<Long> number = number(configuration);
    configuration.set("s", "n", "8", true);

    assertThat(configuration.set("s", "n", "9", false)).hasValue("8");

    assertThat(number.get()).isEqualTo(9);
    assertThat(number(instance()).get()).isEqualTo(8);
    configuration.reload();
    assertThat(number.get()).isEqualTo(8);
  }

  @Test
  void set_stored_replacesTheValueOfThisRun() {
    Setting<Long> number = number(configuration);
    configuration.set("s", "n", "9", false);

    assertThat(configuration.set("s", "n", "8", true)).hasValue("9");

    assertThat(number.get()).isEqualTo(8);
  }

  @Test
  void remove_stored_restoresTheConfiguredValue() {
    Setting<Long> number = number(configuration);
    configuration.set("s", "n", "8", true);

    assertThat(configuration.remove("s", "n", true)).hasValue("8");

    assertThat(number.get()).isEqualTo(7);
    assertThat(number(instance()).get()).isEqualTo(7);
  }

  @Test
  void remove_forThisRun_keepsTheStoredValue() {
    Setting<Long> number = number(configuration);
    configuration.set("s", "n", "8", true);
    configuration.set("s", "n", "9", false);

    assertThat(configuration.remove("s", "n", false)).hasValue("9");

    assertThat(number.get()).isEqualTo(8);
  }

  @Test
  void set_invalid_isRefusedAndNamesTheSetting() {
    Setting<Long> number = number(configuration);

    assertThatThrownBy(() -> configuration.set("s", "n", "x", true))
        .isInstanceOf(ConfigurationException.Invalid.class)
        .hasMessage("s/n must be an integer from 1 to 100");

    assertThat(number.get()).isEqualTo(7);
  }

  @Test
  void set_fixedOrUnknown_isRefused() {
    configuration.declare("s", "fixed", "divan.s.fixed", NUMBER, 7L);

    assertThatThrownBy(() -> configuration.set("s", "fixed", "8", true))
        .isInstanceOf(ConfigurationException.Refused.class)
        .hasMessageContaining("divan.s.fixed")
        .hasMessageContaining("restart");
    assertThatThrownBy(() -> configuration.remove("s", "fixed", true))
        .isInstanceOf(ConfigurationException.Refused.class);
    assertThatThrownBy(() -> configuration.set("s", "other", "8", true))
        .isInstanceOf(ConfigurationException.Invalid.class)
        .hasMessageContaining("s/other");
    assertThatThrownBy(() -> configuration.value("s", "other"))
        .isInstanceOf(ConfigurationException.Unknown.class);
    assertThatThrownBy(() -> configuration.remove("s", "other", true))
        .isInstanceOf(ConfigurationException.Unknown.class);
  }

  @Test
  void declare_invalidProperty_isRefusedByName() {
    assertThatThrownBy(() -> configuration.declare("s", "n", "divan.s.n", NUMBER, 0L))
        .isInstanceOf(InvalidProperty.class)
        .hasMessage("divan.s.n must be an integer from 1 to 100.");
  }

  @Test
  void alias_anyAccess_meansTheSectionItStandsFor() {
    Setting<Long> timeout =
        configuration.declare(
            "chttpd_auth", "timeout", "p", NUMBER, 7L, Trait.CHANGEABLE);

    configuration.set("couch_httpd_auth", "timeout", "8", true);

    assertThat(timeout.get()).isEqualTo(8);
    assertThat(configuration.value("couch_httpd_auth", "timeout")).isEqualTo("8");
    assertThat(configuration.values("couch_httpd_auth")).isEqualTo(Map.of("timeout", "8"));
    assertThat(configuration.values()).containsOnlyKeys("chttpd_auth");
    assertThat(configuration.remove("couch_httpd_auth", "timeout", true)).hasValue("8");
    assertThat(timeout.get()).isEqualTo(7);
  }

  @Test
  void secret_anyAccess_isNeverShown() {
    Setting<String> secret =
        configuration.declare(
            "s", "secret", "p", ValueType.TEXT, "old", Trait.CHANGEABLE, Trait.SECRET);

    assertThat(configuration.set("s", "secret", "new", true)).isEmpty();

    assertThat(secret.get()).isEqualTo("new");
    assertThat(configuration.values()).isEmpty();
    assertThat(configuration.declarations().getFirst().text()).isEmpty();
    assertThatThrownBy(() -> configuration.value("s", "secret"))
        .isInstanceOf(ConfigurationException.Refused.class)
        .hasMessageNotContaining("new");
    assertThat(configuration.remove("s", "secret", true)).isEmpty();
    assertThat(secret.get()).isEqualTo("old");
  }

  @Test
  void section_withRule_storesWhatTheRuleReturns() {
    RuntimeConfiguration.Section admins =
        configuration.declareSection(
            "admins",
            "divan.admins",
            (key, value) -> "hash of " + value,
            Map.of("root", "configured"),
            Trait.CHANGEABLE,
            Trait.CONFIGURED_WINS);

    assertThat(configuration.set("admins", "anna", "x", true)).isEmpty();

    assertThat(admins.entries())
        .isEqualTo(Map.of("anna", "hash of x", "root", "configured"));
    assertThatThrownBy(() -> configuration.set("admins", "root", "x", true))
        .isInstanceOf(ConfigurationException.Refused.class)
        .hasMessageContaining("divan.admins");
    assertThatThrownBy(() -> configuration.remove("admins", "root", true))
        .isInstanceOf(ConfigurationException.Refused.class);
    assertThat(configuration.remove("admins", "anna", true)).hasValue("hash of x");
    assertThat(admins.entries()).containsOnlyKeys("root");
  }

  @Test
  void section_namedInTheConfigurationLater_isChangedThereOnly() {
    RuntimeConfiguration before = instance();
    before.declareSection(
        "admins", "divan.admins", (key, value) -> value, Map.of(), Trait.CHANGEABLE);
    before.set("admins", "root", "at run time", true);
    configuration.refresh();
    RuntimeConfiguration.Section admins =
        configuration.declareSection(
            "admins",
            "divan.admins",
            (key, value) -> value,
            Map.of("root", "configured"),
            Trait.CHANGEABLE,
            Trait.CONFIGURED_WINS);

    assertThat(admins.entries()).isEqualTo(Map.of("root", "configured"));
    assertThatThrownBy(() -> configuration.remove("admins", "root", true))
        .isInstanceOf(ConfigurationException.Refused.class);
  }

  @Test
  void section_ruleRefuses_nothingIsStored() {
    EntryRule rule =
        new EntryRule() {
          @Override
          public String accept(String key, String value) {
            throw new ValueType.InvalidValue("must be something else");
          }

          @Override
          public void checkRemoval(String key) {
            throw new ConfigurationException.Refused("kept");
          }
        };
    RuntimeConfiguration.Section section =
        configuration.declareSection("f", "p", rule, Map.of("a", "1"), Trait.CHANGEABLE);

    assertThatThrownBy(() -> configuration.set("f", "b", "x", true))
        .hasMessage("f/b must be something else");
    assertThatThrownBy(() -> configuration.remove("f", "a", true)).hasMessage("kept");

    assertThat(section.entries()).isEqualTo(Map.of("a", "1"));
  }

  @Test
  void family_anySection_isKeptByName() {
    RuntimeConfiguration.Family family =
        configuration.declareFamily(
            "cors:", "divan.cors.hosts", (key, value) -> value,
            Map.of("a.org", Map.of("origins", "*")), Trait.CHANGEABLE);

    configuration.set("cors:b.org", "methods", "GET", true);

    assertThat(family.sections())
        .isEqualTo(
            Map.of("a.org", Map.of("origins", "*"), "b.org", Map.of("methods", "GET")));
    assertThat(configuration.values("cors:b.org")).isEqualTo(Map.of("methods", "GET"));
    assertThatThrownBy(() -> configuration.set("cors:", "methods", "GET", true))
        .isInstanceOf(ConfigurationException.Invalid.class);
  }

  @Test
  void check_ofSeveralSettings_refusesTheChangeThatBreaksIt() {
    Setting<Long> number = number(configuration);
    configuration.declare("s", "m", "divan.s.m", NUMBER, 7L, Trait.CHANGEABLE);
    configuration.addCheck(
        proposed -> {
          if (proposed.get("s").get("n").equals(proposed.get("s").get("m"))) {
            return;
          }
          throw new ValueType.InvalidValue("must equal s/m");
        });

    assertThatThrownBy(() -> configuration.set("s", "n", "8", true))
        .isInstanceOf(ConfigurationException.Invalid.class)
        .hasMessage("s/n must equal s/m");
    assertThatThrownBy(() -> configuration.set("s", "n", "8", false))
        .hasMessage("s/n must equal s/m");

    assertThat(number.get()).isEqualTo(7);
    assertThat(number(instance()).get()).isEqualTo(7);
  }

  /** The second instance has not read the first one's change, but its transaction sees it. */
  @Test
  void check_changeOfAnotherInstance_isSeen() {
    RuntimeConfiguration other = instance();
    number(configuration);
    number(other);
    Check check = RuntimeConfigurationTest::sumOfAtMost100;
    configuration.declare("s", "m", "divan.s.m", NUMBER, 1L, Trait.CHANGEABLE);
    other.declare("s", "m", "divan.s.m", NUMBER, 1L, Trait.CHANGEABLE);
    configuration.addCheck(check);
    other.addCheck(check);

    configuration.set("s", "n", "50", true);

    assertThatThrownBy(() -> other.set("s", "m", "60", true)).hasMessageContaining("too much");
  }

  private static void sumOfAtMost100(Map<String, Map<String, String>> proposed) {
    Map<String, String> numbers = proposed.getOrDefault("s", Map.of());
    if (numbers.values().stream().mapToLong(Long::parseLong).sum() > 100) {
      throw new ValueType.InvalidValue("is too much");
    }
  }

  @Test
  void limits_exceeded_areRefused() {
    RuntimeConfiguration.Section section =
        configuration.declareSection(
            "f", "p", (key, value) -> value, Map.of(), Trait.CHANGEABLE);
    String longest = "x".repeat(RuntimeConfiguration.VALUE_BYTES_MAX);
    configuration.set("f", "a", longest, true);

    assertThatThrownBy(() -> configuration.set("f", "a", longest + "x", true))
        .isInstanceOf(ConfigurationException.Invalid.class)
        .hasMessageContaining("8192");
    assertThatThrownBy(() -> configuration.set("f", "k".repeat(513), "x", true))
        .hasMessageContaining("512");
    for (int i = 1; i < RuntimeConfiguration.ROWS_MAX; i++) {
      configuration.set("f", "k" + i, "x", false);
    }
    assertThatThrownBy(() -> configuration.set("f", "more", "x", true))
        .hasMessageContaining("too many entries");
    assertThat(section.entries()).hasSize(RuntimeConfiguration.ROWS_MAX);
  }

  @Test
  void storedValue_notAccepted_isIgnoredAndCanBeRemoved() {
    RuntimeConfiguration older = instance();
    older.declare("s", "n", "p", ValueType.TEXT, "", Trait.CHANGEABLE);
    older.set("s", "n", "many", true);
    older.declare("s", "gone", "p", ValueType.TEXT, "", Trait.CHANGEABLE);
    older.set("s", "gone", "x", true);
    configuration.refresh();

    Setting<Long> number = number(configuration);

    assertThat(number.get()).isEqualTo(7);
    assertThat(configuration.value("s", "n")).isEqualTo("7");
    assertThat(configuration.values("s")).containsOnlyKeys("n");
    configuration.start();
    configuration.remove("s", "n", true);
    configuration.remove("s", "gone", true);
    assertThat(new StoredSettings(adapter::system).load().texts()).isEmpty();
  }

  @Test
  void onChange_localChange_runsBeforeTheReturn() {
    Setting<Long> number = number(configuration);
    AtomicInteger seen = new AtomicInteger();
    configuration.onChange(
        () -> {
          throw new IllegalStateException("a listener that fails");
        });
    configuration.onChange(() -> seen.set(number.get().intValue()));

    configuration.set("s", "n", "8", true);

    assertThat(seen).hasValue(8);
  }

  @Test
  void otherInstance_afterAChange_follows() throws InterruptedException {
    RuntimeConfiguration other = instance();
    Setting<Long> theirs = number(other);
    CountDownLatch changed = new CountDownLatch(1);
    other.onChange(changed::countDown);
    other.start();
    number(configuration);

    configuration.set("s", "n", "8", true);

    assertThat(changed.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(theirs.get()).isEqualTo(8);
    other.close();
  }

  @Test
  void otherInstance_storageFailsForAWhile_followsAfterwards() throws InterruptedException {
    FailingStore failing = new FailingStore(adapter.system());
    RuntimeConfiguration other = new RuntimeConfiguration(() -> failing, QUICK);
    Setting<Long> theirs = number(other);
    CountDownLatch changed = new CountDownLatch(1);
    other.onChange(changed::countDown);
    failing.failures = new CountDownLatch(5);
    other.start();
    assertThat(failing.failures.await(10, TimeUnit.SECONDS)).isTrue();
    number(configuration);

    configuration.set("s", "n", "8", true);

    assertThat(changed.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(theirs.get()).isEqualTo(8);
    other.close();
  }

  @Test
  void set_storageFails_nothingChanges() {
    FailingStore failing = new FailingStore(adapter.system());
    RuntimeConfiguration other = new RuntimeConfiguration(() -> failing, QUICK);
    Setting<Long> number = number(other);
    failing.failures = new CountDownLatch(1);

    assertThatThrownBy(() -> other.set("s", "n", "8", true))
        .isInstanceOf(StorageException.StoreUnavailable.class);

    assertThat(number.get()).isEqualTo(7);
    other.set("s", "n", "9", true);
    assertThat(number.get()).isEqualTo(9);
  }

  /** Fails its next transactions. */
  private static final class FailingStore extends ForwardingStore {
    private volatile CountDownLatch failures = new CountDownLatch(0);

    FailingStore(Store store) {
      super(store);
    }

    private void fail() {
      if (failures.getCount() > 0) {
        failures.countDown();
        throw new StorageException.StoreUnavailable("as tested");
      }
    }

    @Override
    public <T> T read(Function<ReadTransaction, T> work) {
      fail();
      return super.read(work);
    }

    @Override
    public <T> Written<T> write(Function<WriteTransaction, T> work) {
      fail();
      return super.write(work);
    }
  }
}
