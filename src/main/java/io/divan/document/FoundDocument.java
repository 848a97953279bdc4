package io.divan.document;

/**
 * A document as it is answered.
 *
 * @param revision its revision, as text
 * @param json the whole document
 */
public record FoundDocument(String revision, byte[] json) {}
