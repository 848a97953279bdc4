package io.divan.document;

import java.util.List;

/**
 * A document that was read.
 *
 * @param revision its revision, as text
 * @param json the whole document
 * @param fixed whether this revision always reads like this: no member depends on other revisions
 *     or on whether their bodies are stored
 * @param attachments the attachments, if contents were asked for; the JSON has none then
 */
public record FoundDocument(
    String revision, byte[] json, boolean fixed, List<ShownAttachment> attachments) {

  FoundDocument(String revision, byte[] json) {
    this(revision, json, true, List.of());
  }
}
