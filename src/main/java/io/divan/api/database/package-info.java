/**
 * Databases, their settings and their maintenance.
 */
@NullMarked
package io.divan.api.database;

import org.jspecify.annotations.NullMarked;
