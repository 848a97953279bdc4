/**
 * The formats in which attachments travel over HTTP: multipart bodies, byte ranges and what a
 * request accepts. Content passes through in pieces; nothing here holds an attachment.
 */
@NullMarked
package io.divan.api.attachment;

import org.jspecify.annotations.NullMarked;
