package io.divan.configuration;

import java.util.Map;

/** A condition over several settings. */
@FunctionalInterface
public interface Check {

  /**
   * Checks the values as they would be after a change.
   *
   * @param proposed the values by section and key, without those that are unset
   * @throws ValueType.InvalidValue when the change is refused
   */
  void check(Map<String, Map<String, String>> proposed);
}
