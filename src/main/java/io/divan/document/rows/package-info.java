/**
 * The tables of a database and the layout of their rows, which documents and maintenance share.
 * Only {@code io.divan.document} and its sub-packages use this package.
 */
@NullMarked
package io.divan.document.rows;

import org.jspecify.annotations.NullMarked;
