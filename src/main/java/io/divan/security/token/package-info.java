/**
 * Tokens that other systems issue for a user: JSON Web Tokens, and the headers of a proxy that has
 * authenticated the user.
 *
 * <p>Nothing here logs or prints a token or a key.
 */
@NullMarked
package io.divan.security.token;

import org.jspecify.annotations.NullMarked;
