package io.divan.document;

/**
 * A document that was read.
 *
 * @param revision its revision, as text
 * @param json the whole document
 * @param fixed whether this revision always reads like this: no member depends on other revisions
 *     or on whether their bodies are stored
 */
public record FoundDocument(String revision, byte[] json, boolean fixed) {

  FoundDocument(String revision, byte[] json) {
    this(revision, json, true);
  }
}
