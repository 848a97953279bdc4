/**
 * Documents and their revisions, singly and in bulk.
 */
@NullMarked
package io.divan.api.document;

import org.jspecify.annotations.NullMarked;
