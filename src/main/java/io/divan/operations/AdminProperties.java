package io.divan.operations;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The server administrator. Not supported yet: setting one stops the start, so that an operator
 * does not rely on a password that is never checked.
 *
 * @param name the administrator's name
 * @param password the administrator's password
 */
@ConfigurationProperties("divan.admin")
record AdminProperties(@DefaultValue("") String name, @DefaultValue("") String password) {
  boolean isGiven() {
    return !name.isEmpty() || !password.isEmpty();
  }

  @Override
  public String toString() {
    return "AdminProperties[name=" + name + "]"; // omits the password
  }
}
