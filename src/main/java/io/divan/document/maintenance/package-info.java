/**
 * Maintenance of whole databases: compaction, consistency checks, inspection of stored rows, and
 * copies from one backend to another. It works directly on stored rows. {@code io.divan.document}
 * does not depend on it, and notifies it of edits through a {@code CommitListener}.
 */
@NullMarked
package io.divan.document.maintenance;

import org.jspecify.annotations.NullMarked;
