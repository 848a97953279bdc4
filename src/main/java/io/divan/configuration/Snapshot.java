package io.divan.configuration;

import io.divan.storage.Versionstamp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The settings at one moment. Immutable.
 *
 * @param declared what is declared, in order
 * @param stored the rows of the system store
 * @param overrides the values that were set for this run only
 * @param texts the present value of each setting that has one
 * @param values the present value of each declaration, at its position in {@code declared}
 * @param ignored the stored values that are not accepted, and why
 */
record Snapshot(
    List<Declared> declared,
    StoredSettings.Loaded stored,
    Map<SettingName, String> overrides,
    Map<SettingName, String> texts,
    Object[] values,
    Map<SettingName, String> ignored) {

  /** Nothing declared, no rows. */
  static final Snapshot EMPTY = of(List.of(), StoredSettings.Loaded.NONE, Map.of());

  /** Computes the values of declarations from rows and overrides. */
  static Snapshot of(
      List<Declared> declared,
      StoredSettings.Loaded stored,
      Map<SettingName, String> overrides) {
    Map<SettingName, String> texts = new TreeMap<>();
    Map<SettingName, String> ignored = new HashMap<>();
    Object[] values = new Object[declared.size()];
    for (int i = 0; i < values.length; i++) {
      Declared one = declared.get(i);
      Map<SettingName, String> own = texts(one, stored.texts(), overrides, ignored);
      values[i] = one.value(own);
      texts.putAll(own);
    }
    return new Snapshot(
        List.copyOf(declared), stored, Map.copyOf(overrides), texts, values, ignored);
  }

  /** The texts of one declaration: an override, else the stored value, else the configured one. */
  private static Map<SettingName, String> texts(
      Declared declared,
      Map<SettingName, String> stored,
      Map<SettingName, String> overrides,
      Map<SettingName, String> ignored) {
    Map<SettingName, String> texts = new TreeMap<>(declared.configured());
    stored.forEach(
        (name, text) -> {
          if (declared.matches(name) && !declared.isConfiguredOnly(name)) {
            try {
              declared.checkStored(name.key(), text);
              texts.put(name, text);
            } catch (ValueType.InvalidValue e) {
              ignored.put(name, String.valueOf(e.getMessage()));
            }
          }
        });
    overrides.forEach(
        (name, text) -> {
          if (declared.matches(name)) {
            texts.put(name, text);
          }
        });
    return texts;
  }

  /** Returns what declares the setting of a name. */
  Optional<Declared> find(SettingName name) {
    return declared.stream().filter(one -> one.matches(name)).findFirst();
  }

  Versionstamp version() {
    return stored.version();
  }

  /** Whether settings have the same values in another snapshot of the same declarations. */
  boolean hasSameTexts(Snapshot other) {
    return texts.equals(other.texts);
  }
}
