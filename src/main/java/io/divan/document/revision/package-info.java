/**
 * Revisions and revision trees as pure functions, without storage, clock or side effects.
 */
@NullMarked
package io.divan.document.revision;

import org.jspecify.annotations.NullMarked;
