package io.divan.configuration;

import java.util.Map;

/**
 * The declared settings and their present values. Safe for use by many threads.
 */
public final class RuntimeConfiguration {

  /** How a setting behaves. */
  public enum Trait {
    /** An administrator may change it while the service runs; otherwise it is shown only. */
    CHANGEABLE,
    /** Its value is a secret and is never shown. */
    SECRET
  }

  /** The entries of a section whose keys are free, such as {@code jwt_keys}. */
  public interface Section {

    /** The present entries by their keys. */
    Map<String, String> entries();
  }

  /**
   * Decides on the entries of a section whose keys are free, before they are stored.
   */
  @FunctionalInterface
  public interface EntryRule {

    /**
     * Returns the text to store.
     *
     * @throws ValueType.InvalidValue when key or value is refused
     */
    String accept(String key, String value);
  }

  /**
   * Declares a setting.
   *
   * @param property the Spring property that sets it, for documentation and errors
   * @param configured the value of that property, or its default
   */
  public <T> Setting<T> declare(
      String section,
      String key,
      String property,
      ValueType<T> type,
      T configured,
      Trait... traits) {
    return Setting.of(configured);
  }

  /** Declares a section whose keys are free. */
  public Section declareSection(
      String section,
      String property,
      EntryRule rule,
      Map<String, String> configured,
      Trait... traits) {
    return () -> configured;
  }

  /** Registers a listener that runs after values changed, on whatever instance. */
  public void onChange(Runnable listener) {}
}
