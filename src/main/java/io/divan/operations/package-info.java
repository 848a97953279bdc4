/**
 * Running the service: which storage it uses, whether it may start at all, health and metrics. May
 * use every other room; nothing uses it.
 */
@NullMarked
package io.divan.operations;

import org.jspecify.annotations.NullMarked;
