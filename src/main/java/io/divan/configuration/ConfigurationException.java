package io.divan.configuration;

import java.util.Objects;

/** Thrown when a setting cannot be read or changed. The message says why. */
public abstract sealed class ConfigurationException extends RuntimeException {

  private ConfigurationException(String message) {
    super(message, null, false, false);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** The section, key or value is not valid. */
  public static final class Invalid extends ConfigurationException {
    public Invalid(String message) {
      super(message);
    }
  }

  /** The setting exists, but its value cannot be changed or shown here. */
  public static final class Refused extends ConfigurationException {
    public Refused(String message) {
      super(message);
    }
  }

  /** The setting does not exist or has no value. */
  public static final class Unknown extends ConfigurationException {
    public Unknown() {
      super("unknown_config_value");
    }
  }
}
