/**
 * What the service logs for operators: lines of key-value pairs, and the names of what every line
 * carries. Clients choose many of the values, so each value is quoted and bounded where it is
 * written.
 */
@NullMarked
package io.divan.logging;

import org.jspecify.annotations.NullMarked;
