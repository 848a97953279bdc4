package io.divan.configuration;

import java.util.Objects;

/** Thrown for a property whose value the service does not accept. It refuses to start. */
public final class InvalidProperty extends RuntimeException {
  private final String property;

  /**
   * Creates a refusal.
   *
   * @param property the name of the property
   * @param problem completes a sentence that begins with the property's name
   */
  public InvalidProperty(String property, String problem) {
    super(property + " " + problem + ".");
    this.property = property;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** The name of the property. */
  String property() {
    return property;
  }
}
