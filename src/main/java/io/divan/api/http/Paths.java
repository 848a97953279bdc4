package io.divan.api.http;

import io.divan.document.DocumentIds;
import java.util.Map;

/** Patterns of paths. */
public final class Paths {
  /** A database; other names that begin with an underscore are the server's own. */
  public static final String DATABASE = "/{db:(?s)[^_].*|_users|_replicator|_global_changes}";

  /** What is the server's own. */
  public static final String SERVER = "/{server:(?s)_(?!users$|replicator$|global_changes$).*}";

  /**
   * An id in one segment, in which a slash stands encoded; not the names of other resources. (In
   * the expression it is \\x2F, since patterns are cut at slashes before they are read.)
   */
  public static final String DOCUMENT = DATABASE + "/{id:(?s)[^_].*|_design\\x2F.+|_local\\x2F.+}";

  public static final String DESIGN = DATABASE + "/_design/{design}";
  public static final String LOCAL = DATABASE + "/_local/{local}";

  private Paths() {}

  /** The id that the variables of one of the three patterns of documents say. */
  public static String documentId(Map<String, String> variables) {
    String design = variables.get("design");
    if (design != null) {
      return DocumentIds.DESIGN_PREFIX + design;
    }
    String local = variables.get("local");
    return local != null ? DocumentIds.LOCAL_PREFIX + local : variables.getOrDefault("id", "");
  }
}
