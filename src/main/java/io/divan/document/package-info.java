/**
 * The revision service: documents, revision trees, updates, changes and local documents, over any
 * {@link io.divan.storage.Store}.
 *
 * <p>{@link io.divan.document.revision.RevisionTree} holds the rules of revisions as pure
 * functions; {@link io.divan.document.rows.Tables} describes the tables of a database; {@link
 * io.divan.document.Database} is the interface for the layers above. A document's tree, change,
 * listing and counters always change in one transaction, so a reader never has to reconcile them.
 */
@NullMarked
package io.divan.document;

import org.jspecify.annotations.NullMarked;
