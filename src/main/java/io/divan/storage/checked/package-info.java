/**
 * Decorators that check the rules all backends share: limits, and the correct use of transactions.
 */
@NullMarked
package io.divan.storage.checked;

import org.jspecify.annotations.NullMarked;
