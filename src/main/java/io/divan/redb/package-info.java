/**
 * A single-file, transactional, ordered key-value store in pure Java. It reads and writes redb's
 * file format 3 (cberner/redb, tag v4.2.0, docs/design.md and its source). It does not depend on
 * the rest of Divan and can be used on its own; see docs/redb.md.
 */
@NullMarked
package io.divan.redb;

import org.jspecify.annotations.NullMarked;
