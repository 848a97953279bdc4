/**
 * The tables of a database and the layout of their rows: what documents and maintenance both read.
 * Nothing outside {@code io.divan.document} uses this package.
 */
@NullMarked
package io.divan.document.rows;

import org.jspecify.annotations.NullMarked;
