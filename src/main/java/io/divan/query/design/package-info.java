/** Indexes as design documents define them: reading, creating and deleting the definitions. */
@NullMarked
package io.divan.query.design;

import org.jspecify.annotations.NullMarked;
