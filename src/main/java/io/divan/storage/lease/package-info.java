/**
 * Leases with fencing tokens: at most one process that shares a store owns a resource.
 */
@NullMarked
package io.divan.storage.lease;

import org.jspecify.annotations.NullMarked;
