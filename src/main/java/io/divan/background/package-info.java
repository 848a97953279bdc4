/**
 * Work that the service does without a request: {@code BackgroundTasks} runs it under leases, and
 * {@code ActiveTasks} lists what runs now. It does not depend on databases, so every layer above
 * the storage may use it.
 */
@NullMarked
package io.divan.background;

import org.jspecify.annotations.NullMarked;
