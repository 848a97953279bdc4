/**
 * What documents are asked for by their contents: selectors, and the order in which CouchDB's views
 * and queries compare values.
 *
 * <p>A {@link io.divan.query.Selector} knows parsed JSON and nothing of where it lies or how it was
 * asked for. It answers what CouchDB's matcher answers, also where one would expect otherwise: a
 * member that is missing fails every condition but {@code {"$exists": false}}, its negation too.
 */
@NullMarked
package io.divan.query;

import org.jspecify.annotations.NullMarked;

