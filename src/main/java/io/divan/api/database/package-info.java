/**
 * Databases: their listing, settings and maintenance.
 */
@NullMarked
package io.divan.api.database;

import org.jspecify.annotations.NullMarked;
