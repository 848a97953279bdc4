/**
 * Selectors of documents, and the order in which CouchDB's views and queries compare JSON values.
 *
 * <p>A {@link io.divan.query.selector.Selector} works on parsed JSON and does not depend on storage
 * or HTTP. It follows CouchDB's matcher even where that is surprising: a missing member fails every
 * condition except {@code {"$exists": false}}, and it fails the negations of those conditions too.
 */
@NullMarked
package io.divan.query.selector;

import org.jspecify.annotations.NullMarked;
