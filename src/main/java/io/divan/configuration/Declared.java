package io.divan.configuration;

import io.divan.configuration.RuntimeConfiguration.Trait;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A declared setting, section or family of sections. */
sealed interface Declared {

  /** The Spring property that configures it. */
  String property();

  Set<Trait> traits();

  /** Whether this declares the setting of that name. */
  boolean matches(SettingName name);

  /**
   * Returns the text to store for a new value.
   *
   * @throws ValueType.InvalidValue when the value is refused
   */
  String accept(String key, String text);

  /**
   * Checks a value that was stored, perhaps by another version.
   *
   * @throws ValueType.InvalidValue when this version does not accept it
   */
  void checkStored(String key, String text);

  /** Checks that a setting may lose its stored value. */
  default void checkRemoval(String key) {}

  /** Waits until the configured values are known. */
  default void awaitConfigured() {}

  /** The values as configured, as text. */
  Map<SettingName, String> configured();

  /**
   * The present value.
   *
   * @param texts the values of the settings that this declares
   */
  Object value(Map<SettingName, String> texts);

  /** Describes what is declared, without secrets. */
  default RuntimeConfiguration.Declaration describe() {
    return switch (this) {
      case Single<?> single ->
          new RuntimeConfiguration.Declaration(
              single.name().toString(),
              single.property(),
              single.traits().contains(Trait.SECRET)
                  ? ""
                  : single.configured().getOrDefault(single.name(), ""),
              single.traits());
      case Free free ->
          new RuntimeConfiguration.Declaration(
              free.section() + "/*", free.property(), "", free.traits());
      case Family family ->
          new RuntimeConfiguration.Declaration(
              family.prefix() + "*/*", family.property(), "", family.traits());
    };
  }

  /** Whether the configured value of a setting precedes all others. */
  default boolean isConfiguredOnly(SettingName name) {
    return traits().contains(Trait.CONFIGURED_WINS) && configured().containsKey(name);
  }

  /** A setting with a type. */
  record Single<T>(
      SettingName name, String property, ValueType<T> type, T initial, Set<Trait> traits)
      implements Declared {

    @Override
    public boolean matches(SettingName other) {
      return name.equals(other);
    }

    @Override
    public String accept(String key, String text) {
      type.check(text);
      return text;
    }

    @Override
    public void checkStored(String key, String text) {
      type.check(text);
    }

    @Override
    public Map<SettingName, String> configured() {
      String text = type.format().apply(initial);
      return text.isEmpty() ? Map.of() : Map.of(name, text);
    }

    @Override
    public Object value(Map<SettingName, String> texts) {
      return Optional.ofNullable(texts.get(name))
          .filter(text -> !text.equals(type.format().apply(initial)))
          .<Object>map(type.parse())
          .orElse(initial);
    }
  }

  /** A section whose keys are free. */
  record Free(
      String section,
      String property,
      EntryRule rule,
      Map<SettingName, String> configured,
      Set<Trait> traits)
      implements Declared {

    @Override
    public boolean matches(SettingName name) {
      return name.section().equals(section);
    }

    @Override
    public String accept(String key, String text) {
      return rule.accept(key, text);
    }

    @Override
    public void checkStored(String key, String text) {
      rule.checkStored(key, text);
    }

    @Override
    public void checkRemoval(String key) {
      rule.checkRemoval(key);
    }

    @Override
    public void awaitConfigured() {
      rule.awaitConfigured();
    }

    @Override
    public Object value(Map<SettingName, String> texts) {
      Map<String, String> entries = new TreeMap<>();
      texts.forEach((name, text) -> entries.put(name.key(), text));
      return Map.copyOf(entries);
    }
  }

  /** All sections whose names begin with a prefix. */
  record Family(
      String prefix,
      String property,
      EntryRule rule,
      Map<SettingName, String> configured,
      Set<Trait> traits)
      implements Declared {

    @Override
    public boolean matches(SettingName name) {
      return name.section().length() > prefix.length() && name.section().startsWith(prefix);
    }

    @Override
    public String accept(String key, String text) {
      return rule.accept(key, text);
    }

    @Override
    public void checkStored(String key, String text) {
      rule.checkStored(key, text);
    }

    @Override
    public void checkRemoval(String key) {
      rule.checkRemoval(key);
    }

    @Override
    public Object value(Map<SettingName, String> texts) {
      Map<String, Map<String, String>> sections = new TreeMap<>();
      texts.forEach(
          (name, text) -> sections
              .computeIfAbsent(name.section().substring(prefix.length()), s -> new TreeMap<>())
              .put(name.key(), text));
      sections.replaceAll((section, entries) -> Map.copyOf(entries));
      return Map.copyOf(sections);
    }
  }
}
