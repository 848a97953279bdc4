/**
 * Ordered, transactional storage: the interface every backend implements, and what the backends
 * share.
 *
 * <p>A {@link io.divan.storage.StorageAdapter} holds one {@link io.divan.storage.Store} per
 * database; a store runs transactions over ordered {@link io.divan.storage.Table tables} of bytes.
 * The interface is cut below documents on purpose: a backend that knew of revisions or changes
 * would have to implement them again, and differently.
 *
 * <p>To write a backend, implement {@code StorageAdapter}, {@code Store},
 * {@code ReadTransaction} and {@code WriteTransaction}, and make the abstract contract suite in the
 * tests pass; nothing else is asked. {@code io.divan.storage.embedded} gives engines with a single
 * writer their queue, group commit, error delivery, watches and files. {@code
 * io.divan.storage.checked} checks limits, misuse of a transaction after its end and reads of
 * stamped rows once, around every backend.
 */
@NullMarked
package io.divan.storage;

import org.jspecify.annotations.NullMarked;

