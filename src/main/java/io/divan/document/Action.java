package io.divan.document;

/** What a principal does with a database, as far as permissions distinguish it. */
public enum Action {
  /** Reads or edits documents. */
  USE,
  /** Lists documents or changes, which a system database allows to fewer principals. */
  LIST,
  /** Edits design documents. */
  EDIT_DESIGN,
  /** Changes limits. */
  ADMINISTER,
  /** Compacts. */
  COMPACT,
  /** Changes the security object. */
  SET_SECURITY,
  /** Purges documents or changes how many purges are remembered. */
  PURGE,
}
