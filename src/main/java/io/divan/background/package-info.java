/** Work that the service does by itself, and the list of what runs now. */
@NullMarked
package io.divan.background;

import org.jspecify.annotations.NullMarked;

