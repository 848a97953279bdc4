/**
 * Periodic tasks that survive their own failures. An executor cancels a periodic task silently when
 * it throws.
 */
@NullMarked
package io.divan.storage.task;

import org.jspecify.annotations.NullMarked;
