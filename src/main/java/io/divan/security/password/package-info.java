/**
 * Passwords: their hashes, the checks of log-ins, and the rules for new ones; second factors and
 * lock-outs.
 *
 * <p>A check costs hundreds of thousands of rounds on purpose. It runs on a few threads with a
 * bounded queue, so that a flood of wrong passwords leaves the rest of the service responsive, and
 * right passwords are remembered for minutes. Nothing here logs or prints a password, a salt or a
 * hash.
 */
@NullMarked
package io.divan.security.password;

import org.jspecify.annotations.NullMarked;
