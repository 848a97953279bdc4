/** Execution of {@code _find}: reads an index page by page and returns the documents that match. */
@NullMarked
package io.divan.query.find;

import org.jspecify.annotations.NullMarked;
