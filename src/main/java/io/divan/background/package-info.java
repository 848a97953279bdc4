/**
 * Work that the service does without a request. {@code BackgroundTasks} runs it under leases, and
 * {@code ActiveTasks} lists running tasks. The package knows no databases, so that every layer
 * above the storage can use it.
 */
@NullMarked
package io.divan.background;

import org.jspecify.annotations.NullMarked;
