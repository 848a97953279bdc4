package io.divan.document;

import io.divan.storage.ReadTransaction;

/**
 * A value computed from a database's settings and design documents, such as its index definitions.
 * It is cached until the configuration version changes. The cache compares these objects by
 * identity: use one constant for each kind of value.
 *
 * @param <T> the value; immutable, or safe for use by many threads
 */
@FunctionalInterface
public interface DerivedValue<T> {

  /** Computes the value. Rows that it reads change only together with the configuration version. */
  T load(ReadTransaction transaction);
}
