/**
 * JSON: the parser and its limits, the canonical form, parsed values, and well-formed Unicode
 * text. This package knows nothing of databases, and every other package may use it.
 */
@NullMarked
package io.divan.json;

import org.jspecify.annotations.NullMarked;
