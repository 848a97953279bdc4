/**
 * Documents and their revisions: single and bulk requests.
 */
@NullMarked
package io.divan.api.document;

import org.jspecify.annotations.NullMarked;
