package io.divan.api.server;

import io.divan.document.DocumentException;

/** The one node that this service reports, as CouchDB reports the nodes of its cluster. */
final class Node {

  /** The default name of a CouchDB node. */
  static final String NAME = "nonode@nohost";

  /** The name by which each node knows itself. */
  private static final String LOCAL = "_local";

  private Node() {}

  /**
   * Checks the name of a node in a path.
   *
   * @throws DocumentException.NotFound when it names another node
   */
  static void check(String name) {
    if (!name.equals(LOCAL) && !name.equals(NAME)) {
      throw new DocumentException.NotFound("no such node: " + name);
    }
  }
}
