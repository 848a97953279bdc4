/**
 * The parts that all resources share: filters, request parsing, streamed answers and errors.
 */
@NullMarked
package io.divan.api.http;

import org.jspecify.annotations.NullMarked;
