/** Mango queries: {@code _find}, {@code _explain} and {@code _index}. */
@NullMarked
package io.divan.api.query;

import org.jspecify.annotations.NullMarked;
