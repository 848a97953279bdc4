/**
 * Session cookies as CouchDB signs them, and the secret that signs them.
 *
 * <p>Every instance and every restart accepts a cookie: the secret is kept in the system store, and
 * a replaced secret counts until the cookies that it signed have expired. Nothing here logs or
 * prints a secret or a cookie.
 */
@NullMarked
package io.divan.security.session;

import org.jspecify.annotations.NullMarked;
