/**
 * Listings of documents: {@code _all_docs}, {@code _design_docs} and {@code _local_docs}.
 */
@NullMarked
package io.divan.api.listing;

import org.jspecify.annotations.NullMarked;
