package io.divan.operations;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The server's administrator. Not supported yet: giving one stops the start, because nobody should
 * believe that a password is asked for.
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
    return "AdminProperties[name=" + name + "]"; // a password belongs into no log
  }
}
