/**
 * The running service: choice of the storage backend, start-up checks, terminal commands, health
 * and metrics. This package may use all others; no package uses it.
 */
@NullMarked
package io.divan.operations;

import org.jspecify.annotations.NullMarked;
