/**
 * The training run of the AOT cache: starts the service on a temporary directory and sends it what
 * clients send, so that the JVM records the classes to load and the profiles to compile with.
 */
@NullMarked
package io.divan.operations.training;

import org.jspecify.annotations.NullMarked;
