/**
 * Contents of attachments: received into blobs, stored once for each database, read in ranges, and
 * removed when no revision references them.
 */
@NullMarked
package io.divan.document.attachment;

import org.jspecify.annotations.NullMarked;
