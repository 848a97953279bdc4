/**
 * Ordered, transactional storage: the interface that every backend implements, and the types of its
 * signatures.
 *
 * <p>A {@link io.divan.storage.StorageAdapter} holds one {@link io.divan.storage.Store} per
 * database; a store runs transactions over ordered {@link io.divan.storage.Table tables} of bytes.
 * The interface is cut below documents on purpose: a backend that knew of revisions or changes
 * would have to implement them again, and differently.
 *
 * <p>To write a backend, implement {@code StorageBackend}, {@code StorageAdapter}, {@code Store},
 * {@code ReadTransaction} and {@code WriteTransaction}, and make the contract suite pass; see
 * docs/writing-a-backend.md. A layer is a backend that keeps each database in a store of another
 * backend, its base; {@code io.divan.storage.layer} is its toolkit. What a backend can do beyond
 * that is a {@link io.divan.storage.Capability}. {@code io.divan.storage.embedded} gives an engine
 * with a single writer its queue, group commit, error delivery, watches and files. {@code
 * io.divan.storage.checked} checks the limits and the correct use of transactions around every
 * backend.
 */
@NullMarked
package io.divan.storage;

import org.jspecify.annotations.NullMarked;
