/**
 * Requests of {@code _find} and {@code _explain}, and the choice of an index for them.
 *
 * <p>{@link io.divan.query.plan.Planner} is a pure function of index definitions and a request. It
 * follows CouchDB's rules exactly, because the chosen index decides the order of the results.
 */
@NullMarked
package io.divan.query.plan;

import org.jspecify.annotations.NullMarked;
