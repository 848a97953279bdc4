package io.divan.document;

/**
 * A document as it is answered.
 *
 * @param revision its revision, as text
 * @param json the whole document
 * @param fixed whether this revision is always answered so: no member tells of other revisions, or
 *     of what is kept of them
 */
public record FoundDocument(String revision, byte[] json, boolean fixed) {

  FoundDocument(String revision, byte[] json) {
    this(revision, json, true);
  }
}
