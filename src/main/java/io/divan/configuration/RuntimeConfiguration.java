package io.divan.configuration;

import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Watch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The declared settings and their present values. Safe for use by many threads.
 *
 * <ol>
 *   <li>A setting has the value that was set for this run only; else the value in the system store;
 *       else the value of its Spring property or that property's default.
 *   <li>The values are one immutable snapshot in a volatile field. Reading a value never reads
 *       storage.
 *   <li>A change is one transaction, which also checks the {@linkplain Check conditions} over
 *       several settings. It counts on this instance before the method returns, and on the others
 *       as soon as their watch fires.
 *   <li>A stored value that this version does not accept is logged and ignored. A stored setting
 *       that this version does not declare is kept.
 *   <li>All sizes are bounded: {@link #ROWS_MAX}, {@link #KEY_BYTES_MAX}, {@link #VALUE_BYTES_MAX}.
 * </ol>
 */
public final class RuntimeConfiguration implements AutoCloseable {

  /** The most entries of a section with free keys, and of a family of sections. */
  public static final int ROWS_MAX = 1_000;

  /** The longest section or key, in bytes of UTF-8. */
  public static final int KEY_BYTES_MAX = 512;

  /** The longest value, in bytes of UTF-8. */
  public static final int VALUE_BYTES_MAX = 8_192;

  /** How a setting behaves. */
  public enum Trait {
    /** An administrator may change it while the service runs; otherwise it is shown only. */
    CHANGEABLE,
    /** Its value is a secret and is never shown. */
    SECRET,
    /** Configured values precede stored ones, and cannot be changed while the service runs. */
    CONFIGURED_WINS
  }

  /** The entries of a section whose keys are free, such as {@code jwt_keys}. */
  public interface Section {

    /** The present entries by their keys. */
    Map<String, String> entries();

    /** Replaces the configured entries, for those whose values take long to compute. */
    void configure(Map<String, String> configured);
  }

  /** Sections whose names begin with one prefix, such as {@code cors:example.org}. */
  public interface Family {

    /** The present sections by the rest of their names, and their entries by key. */
    Map<String, Map<String, String>> sections();
  }

  /**
   * A declared setting, for documentation and for tests.
   *
   * @param name the section and the key, separated by a slash; a section with free keys has the key
   *     {@code *}
   * @param property the Spring property
   * @param text the configured value; empty for a secret, and where there is none
   * @param traits how it behaves
   */
  public record Declaration(String name, String property, String text, Set<Trait> traits) {}

  private static final System.Logger LOG = System.getLogger(RuntimeConfiguration.class.getName());

  private final @Nullable StoredSettings rows;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final ChangeRules rules = new ChangeRules();
  private final @Nullable Follower follower;
  private volatile Snapshot snapshot = Snapshot.EMPTY;

  /** Creates a configuration without a store, for tests: all changes are for this run only. */
  public RuntimeConfiguration() {
    rows = null;
    follower = null;
  }

  /**
   * Creates a configuration and reads the stored settings.
   *
   * @param system returns the system store
   * @throws StorageException when the system store cannot be read
   */
  public RuntimeConfiguration(Supplier<Store> system) {
    this(system, Follower.Delays.DEFAULTS);
  }

  RuntimeConfiguration(Supplier<Store> system, Follower.Delays delays) {
    rows = new StoredSettings(system);
    follower = new Follower(this, delays);
    refresh();
  }

  /**
   * Copies the stored settings to another system store that has none.
   *
   * @return whether any were copied
   */
  public static boolean copy(Store from, Store to) {
    return new StoredSettings(() -> to).fill(new StoredSettings(() -> from).load().texts());
  }

  /** Returns the section that CouchDB reads under a name, which may be an older name of it. */
  public static String sectionOf(String name) {
    return SettingName.section(name);
  }

  /**
   * Declares a setting.
   *
   * @param property the Spring property that sets it, for documentation and errors
   * @param configured the value of that property, or its default
   * @throws InvalidProperty when the type does not accept the configured value
   */
  public <T> Setting<T> declare(
      String section,
      String key,
      String property,
      ValueType<T> type,
      T configured,
      Trait... traits) {
    SettingName name = new SettingName(section, key);
    String text = type.format().apply(configured);
    if (!text.isEmpty()) {
      try {
        type.check(text);
      } catch (ValueType.InvalidValue e) {
        throw new InvalidProperty(property, String.valueOf(e.getMessage()));
      }
    }
    int index =
        add(new Declared.Single<>(name, property, type, configured, Set.of(traits)));
    return () -> value(index);
  }

  /** Declares a section whose keys are free. */
  public Section declareSection(
      String section,
      String property,
      EntryRule rule,
      Map<String, String> configured,
      Trait... traits) {
    int index =
        add(
            new Declared.Free(section, property, rule, texts(section, configured), Set.of(traits)));
    return new Section() {
      @Override
      public Map<String, String> entries() {
        return value(index);
      }

      @Override
      public void configure(Map<String, String> replacement) {
        replace(
            index,
            new Declared.Free(
                section, property, rule, texts(section, replacement), Set.of(traits)));
      }
    };
  }

  private static Map<SettingName, String> texts(String section, Map<String, String> entries) {
    Map<SettingName, String> texts = new TreeMap<>();
    entries.forEach((key, text) -> texts.put(new SettingName(section, key), text));
    return Collections.unmodifiableMap(texts);
  }

  private void replace(int index, Declared declared) {
    boolean changed;
    lock.lock();
    try {
      Snapshot old = snapshot;
      List<Declared> all = new ArrayList<>(old.declared());
      all.set(index, declared);
      changed = show(Snapshot.of(all, old.stored(), old.overrides()));
    } finally {
      lock.unlock();
    }
    notify(changed);
  }

  /**
   * Declares all sections whose names begin with a prefix.
   *
   * @param configured the configured entries by the rest of the section's name and by key
   */
  public Family declareFamily(
      String prefix,
      String property,
      EntryRule rule,
      Map<String, Map<String, String>> configured,
      Trait... traits) {
    Map<SettingName, String> texts = new TreeMap<>();
    configured.forEach(
        (rest, entries) -> entries.forEach(
            (key, text) -> texts.put(new SettingName(prefix + rest, key), text)));
    int index =
        add(
            new Declared.Family(
                prefix, property, rule, Collections.unmodifiableMap(texts), Set.of(traits)));
    return () -> value(index);
  }

  private int add(Declared declared) {
    lock.lock();
    try {
      Snapshot old = snapshot;
      for (Declared other : old.declared()) {
        if (declared instanceof Declared.Single<?> single && other.matches(single.name())
            || other.equals(declared)) {
          throw new IllegalStateException("Declared twice: " + declared.property());
        }
      }
      List<Declared> all = new ArrayList<>(old.declared());
      all.add(declared);
      show(Snapshot.of(all, old.stored(), old.overrides()));
      return all.size() - 1;
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("unchecked") // the declaration at this position computed the value
  private <T> T value(int index) {
    return (T) snapshot.values()[index];
  }

  /** Adds a condition over several settings. The configured values are not checked. */
  public void addCheck(Check check) {
    rules.add(check);
  }

  /**
   * Registers a listener that runs after values changed, on whatever instance. It runs on the
   * thread that made or noticed the change, and must be quick.
   */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** The declared settings, in the order of their declaration. */
  public List<Declaration> declarations() {
    return snapshot.declared().stream().map(Declared::describe).toList();
  }

  /** The values of all settings that have one, by section and key, without secrets. */
  public Map<String, Map<String, String>> values() {
    snapshot.declared().forEach(Declared::awaitConfigured);
    Snapshot now = snapshot;
    Map<String, Map<String, String>> sections = new TreeMap<>();
    for (Declared declared : now.declared()) {
      if (!declared.traits().contains(Trait.SECRET)) {
        now.texts().forEach(
            (name, text) -> {
              if (declared.matches(name)) {
                sections.computeIfAbsent(name.section(), s -> new TreeMap<>())
                    .put(name.key(), text);
              }
            });
      }
    }
    return sections;
  }

  /** The values of a section's settings that have one, by key, without secrets. */
  public Map<String, String> values(String section) {
    return values().getOrDefault(SettingName.section(section), Map.of());
  }

  /**
   * The value of a setting.
   *
   * @throws ConfigurationException.Unknown when there is no such setting, or it has no value
   * @throws ConfigurationException.Refused when the value is a secret
   */
  public String value(String section, String key) {
    SettingName name = SettingName.of(section, key);
    snapshot.find(name).ifPresent(Declared::awaitConfigured);
    Snapshot now = snapshot;
    Declared declared = now.find(name).orElseThrow(ConfigurationException.Unknown::new);
    if (declared.traits().contains(Trait.SECRET)) {
      throw new ConfigurationException.Refused(
          "The value of " + name + " is a secret and is never shown.");
    }
    return Optional.ofNullable(now.texts().get(name))
        .orElseThrow(ConfigurationException.Unknown::new);
  }

  /**
   * Changes a setting.
   *
   * @param persist whether to store the value; otherwise it counts until the next start or {@link
   *     #reload}, on this instance only
   * @return the old value; empty if it had none or is a secret
   * @throws ConfigurationException when the change is refused
   * @throws StorageException when the change could not be stored, or may not have been
   */
  public Optional<String> set(String section, String key, String text, boolean persist) {
    SettingName name = SettingName.of(section, key);
    ChangeRules.checkText(name, text);
    Snapshot before = snapshot;
    Declared declared =
        before.find(name).orElseThrow(
            () -> new ConfigurationException.Invalid(
                name + " has no meaning in this service: docs/configuration.md lists the"
                    + " settings."));
    ChangeRules.checkChangeable(declared, name);
    String accepted;
    try {
      accepted = declared.accept(key, text);
      ChangeRules.checkText(name, accepted);
    } catch (ValueType.InvalidValue e) {
      throw new ConfigurationException.Invalid(name + " " + e.getMessage());
    }
    return change(name, declared, Optional.of(accepted), persist);
  }

  /**
   * Removes the stored value of a setting, and the one for this run. The configured value counts
   * again.
   *
   * @param persist whether to remove the stored value, too
   * @return the old value; empty for a secret
   * @throws ConfigurationException.Unknown when the setting has no value
   * @throws ConfigurationException when the removal is refused
   * @throws StorageException when the change could not be stored, or may not have been
   */
  public Optional<String> remove(String section, String key, boolean persist) {
    SettingName name = SettingName.of(section, key);
    snapshot.find(name).ifPresent(Declared::awaitConfigured);
    Snapshot before = snapshot;
    Optional<Declared> declared = before.find(name);
    boolean stored = before.stored().texts().containsKey(name);
    if (!stored && (declared.isEmpty() || !before.texts().containsKey(name))) {
      throw new ConfigurationException.Unknown();
    }
    if (declared.isEmpty()) { // of another version
      return change(name, null, Optional.empty(), persist);
    }
    ChangeRules.checkChangeable(declared.get(), name);
    try {
      declared.get().checkRemoval(key);
    } catch (ValueType.InvalidValue e) {
      throw new ConfigurationException.Invalid(name + " " + e.getMessage());
    }
    return change(name, declared.get(), Optional.empty(), persist);
  }

  private Optional<String> change(
      SettingName name, @Nullable Declared declared, Optional<String> text, boolean persist) {
    Optional<String> old;
    boolean changed;
    lock.lock();
    try {
      Snapshot before = snapshot;
      old =
          declared == null || declared.traits().contains(Trait.SECRET)
              ? Optional.empty()
              : Optional.ofNullable(before.texts().get(name));
      Map<SettingName, String> overrides = new HashMap<>(before.overrides());
      overrides.remove(name);
      StoredSettings.Loaded stored = before.stored();
      if (persist && rows != null) {
        rows.change(name, text, texts -> rules.check(before, name, texts, overrides));
        stored = rows.load();
      } else {
        text.ifPresent(value -> overrides.put(name, value));
        rules.check(before, name, stored.texts(), overrides);
      }
      changed = show(Snapshot.of(before.declared(), stored, overrides));
    } finally {
      lock.unlock();
    }
    notify(changed);
    return old;
  }

  /** Discards the values that were set for this run only, and reads the stored settings. */
  public void reload() {
    update(true);
  }

  /** Reads the stored settings, and shows them if they changed. */
  void refresh() {
    update(false);
  }

  private void update(boolean discardOverrides) {
    boolean changed;
    lock.lock();
    try {
      StoredSettings.Loaded loaded = rows == null ? StoredSettings.Loaded.NONE : rows.load();
      Snapshot before = snapshot;
      if (!discardOverrides && loaded.version().equals(before.version())) {
        return;
      }
      changed =
          show(
              Snapshot.of(
                  before.declared(), loaded, discardOverrides ? Map.of() : before.overrides()));
    } finally {
      lock.unlock();
    }
    notify(changed);
  }

  /** Publishes a snapshot. The caller holds the lock. Returns whether values changed. */
  private boolean show(Snapshot next) {
    Snapshot before = snapshot;
    snapshot = next;
    next.ignored().forEach(
        (name, problem) -> {
          if (!Objects.equals(before.ignored().get(name), problem)) {
            LOG.log(
                System.Logger.Level.WARNING,
                "The stored value of the setting " + name + " is ignored, because it " + problem
                    + ": set another value, or remove it with DELETE"
                    + " /_node/_local/_config/" + name);
          }
        });
    return !next.hasSameTexts(before);
  }

  private void notify(boolean changed) {
    if (!changed) {
      return;
    }
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException e) { // the change is made; other listeners need to hear of it
        LOG.log(System.Logger.Level.ERROR, "A setting changed, but does not take effect", e);
      }
    }
  }

  /** Returns a watch that fires after changes that this instance has not seen; else empty. */
  Optional<Watch> watch() {
    return Objects.requireNonNull(rows).watch(snapshot.version());
  }

  /** Begins to follow the changes that other instances make. Called once all is declared. */
  public void start() {
    Snapshot now = snapshot;
    String unknown =
        now.stored().texts().keySet().stream()
            .filter(name -> now.find(name).isEmpty())
            .map(SettingName::toString)
            .limit(20)
            .collect(Collectors.joining(", "));
    if (!unknown.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "This version does not know the following stored settings, and ignores them: " + unknown
              + ". A newer version may use them; if not, remove them with DELETE"
              + " /_node/_local/_config/SECTION/KEY");
    }
    if (follower != null) {
      follower.start();
    }
  }

  /** Stops following the changes of other instances. */
  @Override
  public void close() {
    if (follower != null) {
      follower.close();
    }
  }
}
