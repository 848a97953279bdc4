/**
 * The resources of the server itself.
 */
@NullMarked
package io.divan.api.server;

import org.jspecify.annotations.NullMarked;
