/**
 * The revision service: documents, revision trees, updates, changes and local documents, over any
 * {@link io.divan.storage.Store}.
 *
 * <p>{@link io.divan.document.revision.RevisionTree} holds the rules of revisions as pure
 * functions; {@link io.divan.document.rows.Tables} says how a database lies in its tables;
 * {@link io.divan.document.Database} is what the rooms above use. Everything about one document,
 * its tree, its change, its listing and the counters, changes in one transaction: a reader never
 * has to reconcile them, and must not try.
 */
@NullMarked
package io.divan.document;

import org.jspecify.annotations.NullMarked;
