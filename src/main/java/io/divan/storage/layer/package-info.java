/**
 * The toolkit for engines that keep each database in a store of another adapter.
 */
@NullMarked
package io.divan.storage.layer;

import org.jspecify.annotations.NullMarked;
