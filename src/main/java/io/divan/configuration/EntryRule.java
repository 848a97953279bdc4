package io.divan.configuration;

/** Decides on the entries of a section whose keys are free, before they are stored. */
@FunctionalInterface
public interface EntryRule {

  /**
   * Returns the text to store. Called before the transaction, so it may take long.
   *
   * @throws ValueType.InvalidValue when key or value is not valid
   * @throws ConfigurationException.Refused when the entry must not be changed here
   */
  String accept(String key, String value);

  /**
   * Checks the stored text of an entry, which another version may have written.
   *
   * @throws ValueType.InvalidValue when the entry is to be ignored
   */
  default void checkStored(String key, String text) {}

  /**
   * Checks that an entry may be removed.
   *
   * @throws ConfigurationException.Refused when it must not be removed here
   */
  default void checkRemoval(String key) {}

  /**
   * Waits until the configured entries have their values. Called before entries are shown or
   * removed.
   */
  default void awaitConfigured() {}
}
