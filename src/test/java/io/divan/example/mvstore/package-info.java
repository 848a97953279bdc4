/**
 * A storage backend over H2's MVStore, as somebody outside Divan would write it;
 * docs/writing-a-backend.md explains it.
 */
@NullMarked
package io.divan.example.mvstore;

import org.jspecify.annotations.NullMarked;
