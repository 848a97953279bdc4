/**
 * Maintenance of whole databases: compaction, consistency checks, inspection of stored rows, and
 * copies from one backend to another. It works on the rows of documents. {@code io.divan.document}
 * does not depend on this package, which learns of edits through a {@code CommitListener}.
 */
@NullMarked
package io.divan.document.maintenance;

import org.jspecify.annotations.NullMarked;
