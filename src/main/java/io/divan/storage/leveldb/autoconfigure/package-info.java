/** The registration of LevelDB as a backend: its settings, and a Spring bean. */
@NullMarked
package io.divan.storage.leveldb.autoconfigure;

import org.jspecify.annotations.NullMarked;
