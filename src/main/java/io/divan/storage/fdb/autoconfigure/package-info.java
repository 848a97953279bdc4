/**
 * The registration of FoundationDB, and of its simulation in this process, as backends: their
 * settings, and Spring beans.
 */
@NullMarked
package io.divan.storage.fdb.autoconfigure;

import org.jspecify.annotations.NullMarked;
