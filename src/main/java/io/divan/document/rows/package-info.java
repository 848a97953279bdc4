/**
 * The tables of a database and the layout of their rows, which documents and maintenance both use.
 * Nothing outside {@code io.divan.document} uses this package.
 */
@NullMarked
package io.divan.document.rows;

import org.jspecify.annotations.NullMarked;
