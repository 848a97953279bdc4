/**
 * CouchDB's HTTP API: one controller per resource, thin, writing its answer's bytes itself.
 *
 * <p>{@link io.divan.api.http.Parameters} and {@link io.divan.api.http.RequestBodies} read
 * requests. {@code ErrorResponses} alone turns errors into answers. An answer whose size grows with
 * the database goes through {@link io.divan.api.http.JsonStream}, which never holds more than a
 * buffer of it.
 */
@NullMarked
package io.divan.api;

import org.jspecify.annotations.NullMarked;
