package io.divan.api.attachment;

import java.io.IOException;
import java.io.OutputStream;

/** Writes the content of an attachment, or a range of it. */
@FunctionalInterface
interface AttachmentContent {
  void writeTo(OutputStream out) throws IOException;
}
