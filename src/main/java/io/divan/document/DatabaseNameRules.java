package io.divan.document;

import java.util.regex.Pattern;

/** The rules for database names, with CouchDB's errors. */
public final class DatabaseNameRules {
  private static final Pattern LEGAL =
      Pattern.compile("[a-z][a-z0-9_$()+/-]*|_users|_replicator|_global_changes");

  /** The health and metrics endpoints live under this name. */
  private static final String ACTUATOR = "actuator";

  private DatabaseNameRules() {}

  /** Whether a database can have this name. */
  public static boolean isLegal(String name) {
    return LEGAL.matcher(name).matches() && !name.equals(ACTUATOR);
  }

  /**
   * Checks a name.
   *
   * @throws DocumentException.BadRequest when it is not legal
   */
  public static void check(String name) {
    if (name.equals(ACTUATOR)) {
      throw new DocumentException.BadRequest(
          "illegal_database_name",
          "Name: 'actuator'. This name is taken by the service's own health and metrics.");
    }
    if (!LEGAL.matcher(name).matches()) {
      throw new DocumentException.BadRequest(
          "illegal_database_name",
          "Name: '"
              + name
              + "'. Only lowercase characters (a-z), digits (0-9), and any of the characters"
              + " _, $, (, ), +, -, and / are allowed. Must begin with a letter.");
    }
  }
}
