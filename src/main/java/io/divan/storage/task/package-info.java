/**
 * Periodic tasks that survive exceptions. A scheduled executor, by contrast, silently cancels a
 * periodic task that throws.
 */
@NullMarked
package io.divan.storage.task;

import org.jspecify.annotations.NullMarked;
