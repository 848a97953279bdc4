package io.divan.api.http;

import io.divan.document.DocumentIds;
import java.util.Map;

/** Path patterns of the resources. */
public final class Paths {
  /** A database. Except for the system databases, its name does not begin with an underscore. */
  public static final String DATABASE = "/{db:(?s)[^_].*|_users|_replicator|_global_changes}";

  /** A resource of the server, such as {@code /_all_dbs}. */
  public static final String SERVER = "/{server:(?s)_(?!users$|replicator$|global_changes$).*}";

  /**
   * A document whose id is one segment, with slashes percent-encoded. (The regular expression
   * writes a slash as \\x2F, because Spring splits the pattern at slashes first.)
   */
  public static final String DOCUMENT = DATABASE + "/{id:(?s)[^_].*|_design\\x2F.+|_local\\x2F.+}";

  public static final String DESIGN = DATABASE + "/_design/{design}";
  public static final String LOCAL = DATABASE + "/_local/{local}";

  private Paths() {}

  /** The document id in the variables of one of the three document patterns. */
  public static String documentId(Map<String, String> variables) {
    String design = variables.get("design");
    if (design != null) {
      return DocumentIds.DESIGN_PREFIX + design;
    }
    String local = variables.get("local");
    return local != null ? DocumentIds.LOCAL_PREFIX + local : variables.getOrDefault("id", "");
  }
}
