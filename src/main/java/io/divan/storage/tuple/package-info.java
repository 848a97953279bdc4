/**
 * Tuple encoding, byte-identical to FoundationDB's. The byte order of encoded keys is the order of
 * the values they encode.
 */
@NullMarked
package io.divan.storage.tuple;

import org.jspecify.annotations.NullMarked;
