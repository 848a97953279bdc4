/**
 * Imports databases that were written by RouchDB's redb storage layer.
 */
@NullMarked
package io.divan.document.rouch;

import org.jspecify.annotations.NullMarked;
