/**
 * The content of attachments: digests, compression and base64. Content passes through these classes
 * in pieces, and none of them holds more than a buffer.
 */
@NullMarked
package io.divan.document.attachment;

import org.jspecify.annotations.NullMarked;
