/**
 * CouchDB's HTTP API: one controller per resource, thin, writing its answer's bytes itself.
 *
 * <p>What a request asks is read by {@link io.divan.api.Parameters} and {@link
 * io.divan.api.RequestBodies}; every error becomes an answer in {@link io.divan.api.ErrorAnswers}
 * and nowhere else. An answer whose size grows with the database goes through {@link
 * io.divan.api.JsonStream}, which never holds more than a buffer of it.
 */
@NullMarked
package io.divan.api;

import org.jspecify.annotations.NullMarked;
