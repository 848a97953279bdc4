package io.divan.api;

/** Patterns of paths. */
final class Paths {
  /** A database; names that begin with an underscore are the server's own. */
  static final String DATABASE = "/{db:(?s)[^_].*}";

  private Paths() {}
}
