/**
 * What all resources share: filters, request parsing, streamed responses and errors.
 */
@NullMarked
package io.divan.api.http;

import org.jspecify.annotations.NullMarked;
