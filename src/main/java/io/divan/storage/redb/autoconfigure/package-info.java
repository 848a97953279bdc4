/** The registration of redb files as a backend: its settings, and a Spring bean. */
@NullMarked
package io.divan.storage.redb.autoconfigure;

import org.jspecify.annotations.NullMarked;
