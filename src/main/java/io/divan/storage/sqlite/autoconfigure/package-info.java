/** The registration of SQLite as a backend: its settings, and a Spring bean. */
@NullMarked
package io.divan.storage.sqlite.autoconfigure;

import org.jspecify.annotations.NullMarked;
