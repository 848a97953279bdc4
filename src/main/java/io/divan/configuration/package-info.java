/**
 * Settings that can change while the service runs, under CouchDB's names for them: a section and a
 * key.
 *
 * <p>The layers above storage declare their settings here. A declared setting has the value of a
 * Spring property until an administrator changes it through {@code _node/_local/_config}. Changes
 * are stored in the system store, and all instances follow them.
 */
@NullMarked
package io.divan.configuration;

import org.jspecify.annotations.NullMarked;
