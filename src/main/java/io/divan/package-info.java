/**
 * Divan: CouchDB's HTTP API, revision trees and replication over pluggable transactional storage.
 */
@NullMarked
package io.divan;

import org.jspecify.annotations.NullMarked;
