/**
 * Maintenance of whole databases: compaction, consistency checks, inspection of stored rows, and
 * copies from one backend to another. It works on the rows beneath documents; {@code
 * io.divan.document} does not know it, and reports edits through an {@code CommitListener}.
 */
@NullMarked
package io.divan.document.maintenance;

import org.jspecify.annotations.NullMarked;
