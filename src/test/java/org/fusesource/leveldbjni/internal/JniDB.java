package org.fusesource.leveldbjni.internal;

/** What leveldbjni's tests ask whether a database is one. None is. */
public final class JniDB {
  private JniDB() {}
}
