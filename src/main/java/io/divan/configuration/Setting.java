package io.divan.configuration;

import java.util.function.Supplier;

/**
 * The present value of a declared setting. Reading it costs one volatile read and one array access.
 * Safe for use by many threads.
 *
 * @param <T> the value; immutable
 */
public interface Setting<T> extends Supplier<T> {

  /** A setting that never changes, for tests and for commands. */
  static <T> Setting<T> of(T value) {
    return () -> value;
  }
}
