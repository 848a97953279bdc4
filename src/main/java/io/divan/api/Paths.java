package io.divan.api;

/** Patterns of paths. */
final class Paths {
  /** A database; names that begin with an underscore are the server's own. */
  static final String DATABASE = "/{db:(?s)[^_].*}";

  /**
   * An id in one segment, in which a slash stands encoded; not the names of other resources. (In
   * the expression it is \\x2F, since patterns are cut at slashes before they are read.)
   */
  static final String DOCUMENT = DATABASE + "/{id:(?s)[^_].*|_design\\x2F.+|_local\\x2F.+}";

  static final String DESIGN = DATABASE + "/_design/{name}";
  static final String LOCAL = DATABASE + "/_local/{name}";

  private Paths() {}
}
