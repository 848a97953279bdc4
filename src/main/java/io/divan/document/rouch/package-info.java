/**
 * Imports databases that RouchDB's redb storage layer wrote.
 */
@NullMarked
package io.divan.document.rouch;

import org.jspecify.annotations.NullMarked;
