/** Users, sessions, roles, and who may do what. */
@NullMarked
package io.divan.security;

import org.jspecify.annotations.NullMarked;
