/**
 * Who sends a request, and whether they may: authentication, authorization and the resource {@code
 * _session}.
 */
@NullMarked
package io.divan.api.session;

import org.jspecify.annotations.NullMarked;
