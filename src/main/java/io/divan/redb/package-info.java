/**
 * A single-file, transactional, ordered key-value store in pure Java, which reads and writes the
 * file format 3 of redb (cberner/redb, tag v4.2.0, docs/design.md and its source). It knows nothing
 * of Divan and may be used on its own; docs/redb.md describes it.
 */
@NullMarked
package io.divan.redb;

import org.jspecify.annotations.NullMarked;

