/**
 * CouchDB's HTTP API. Each resource has a thin controller, which writes the response bytes itself.
 *
 * <p>{@link io.divan.api.http.Parameters} and {@link io.divan.api.http.RequestBodies} read
 * requests. {@code ErrorResponses} sends the error responses of all controllers. A
 * response whose size grows with the database is written to {@link
 * io.divan.api.http.JsonStream}, which holds one buffer of it.
 */
@NullMarked
package io.divan.api;

import org.jspecify.annotations.NullMarked;
