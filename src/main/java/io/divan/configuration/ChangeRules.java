package io.divan.configuration;

import io.divan.configuration.RuntimeConfiguration.Trait;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/** The rules that a change of a setting follows. Safe for use by many threads. */
final class ChangeRules {

  /** Names must not contain what delimits sections in CouchDB's files. */
  private static final Pattern NAME = Pattern.compile("[^\\p{Cc}\\[\\]]+");

  private static final Pattern VALUE = Pattern.compile("[\\t\\P{Cc}]*");

  private final List<Check> checks = new CopyOnWriteArrayList<>();

  void add(Check check) {
    checks.add(check);
  }

  /** Checks that a setting can be changed while the service runs. */
  static void checkChangeable(Declared declared, SettingName name) {
    if (declared.isConfiguredOnly(name)) {
      throw new ConfigurationException.Refused(
          name + " is named in the configuration (" + declared.property()
              + "): change it there, and restart.");
    }
    if (!declared.traits().contains(Trait.CHANGEABLE)) {
      throw new ConfigurationException.Refused(
          declared.property().isEmpty()
              ? name + " cannot be changed."
              : name + " cannot be changed while the service runs: set the property "
                  + declared.property() + ", and restart.");
    }
  }

  /** Checks the length and the characters of a name and of a value, with CouchDB's reasons. */
  static void checkText(SettingName name, String text) {
    if (!NAME.matcher(name.section()).matches()) {
      throw new ConfigurationException.Invalid("Invalid configuration section");
    }
    if (!NAME.matcher(name.key()).matches()) {
      throw new ConfigurationException.Invalid("Invalid configuration key");
    }
    if (!VALUE.matcher(text).matches()) {
      throw new ConfigurationException.Invalid("Invalid configuration value");
    }
    checkSize("The section", name.section(), RuntimeConfiguration.KEY_BYTES_MAX);
    checkSize("The key", name.key(), RuntimeConfiguration.KEY_BYTES_MAX);
    checkSize("The value of " + name, text, RuntimeConfiguration.VALUE_BYTES_MAX);
  }

  private static void checkSize(String what, String text, int bytesMax) {
    if (text.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
      throw new ConfigurationException.Invalid(what + " is longer than " + bytesMax + " bytes.");
    }
  }

  /**
   * Checks a proposed change: the number of entries, and the conditions over several settings.
   *
   * @param before the settings before the change
   * @param name the setting that changes
   * @param stored the rows after the change
   * @param overrides the values for this run only after the change
   */
  void check(
      Snapshot before,
      SettingName name,
      Map<SettingName, String> stored,
      Map<SettingName, String> overrides) {
    Snapshot after =
        Snapshot.of(
            before.declared(),
            new StoredSettings.Loaded(before.version(), stored),
            overrides);
    after.find(name).ifPresent(declared -> checkCount(after, declared, name));
    Map<String, Map<String, String>> proposed = new TreeMap<>();
    after.texts().forEach(
        (setting, text) -> proposed
            .computeIfAbsent(setting.section(), section -> new TreeMap<>())
            .put(setting.key(), text));
    for (Check check : checks) {
      try {
        check.check(proposed);
      } catch (ValueType.InvalidValue e) {
        throw new ConfigurationException.Invalid(name + " " + e.getMessage());
      }
    }
  }

  private static void checkCount(Snapshot after, Declared declared, SettingName name) {
    long entries = after.texts().keySet().stream().filter(declared::matches).count();
    if (entries > RuntimeConfiguration.ROWS_MAX) {
      throw new ConfigurationException.Invalid(
          name.section() + " has too many entries: at most " + RuntimeConfiguration.ROWS_MAX + ".");
    }
  }
}
