/**
 * The database {@code _users}: the rules for user documents, what readers see of them, the hashing
 * of their passwords, and the databases of single users.
 *
 * <p>CouchDB's documentation and clients define the behaviour. Its validation function, {@code
 * before_doc_update} and {@code after_doc_read} are {@link
 * io.divan.security.users.UserRule}, {@link io.divan.security.users.UserTransform} and {@link
 * io.divan.security.users.UserReadRule} here. All of them hold for interactive and for replicated
 * edits.
 */
@NullMarked
package io.divan.security.users;

import org.jspecify.annotations.NullMarked;
