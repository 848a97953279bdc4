/**
 * The changes feed.
 */
@NullMarked
package io.divan.api.changes;

import org.jspecify.annotations.NullMarked;
