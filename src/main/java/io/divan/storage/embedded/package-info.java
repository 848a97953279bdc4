/**
 * The toolkit for embedded engines: a single writer with group commit, files and directories, the
 * cache of open stores, transactions over trees, watches, and the clock of versionstamps.
 */
@NullMarked
package io.divan.storage.embedded;

import org.jspecify.annotations.NullMarked;
