/**
 * Tracing with OpenTelemetry, off by default: Spring Boot makes a span of each request and exports
 * it; this package adds a span for each transaction of the storage.
 */
@NullMarked
package io.divan.api.tracing;

import org.jspecify.annotations.NullMarked;
