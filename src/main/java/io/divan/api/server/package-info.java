/**
 * Resources of the server.
 */
@NullMarked
package io.divan.api.server;

import org.jspecify.annotations.NullMarked;
