package org.fusesource.leveldbjni.internal;

/** A type for which leveldbjni's tests check; no database has it here. */
public final class JniDB {
  private JniDB() {}
}
