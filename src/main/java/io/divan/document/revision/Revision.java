package io.divan.document.revision;

import io.divan.json.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A revision: its position in the history, starting at 1, and its id. Written as {@code
 * position-id}.
 *
 * <p>An id is a byte string. A text of 32 hexadecimal digits in either case stands for 16 bytes,
 * which are written in lower case. Any other text stands for its UTF-8 bytes, at most {@value
 * #ID_BYTES_MAX}. A text of 16 bytes is therefore returned as its hexadecimal digits, as in
 * CouchDB. Revisions sort by position, then by the bytes of the id.
 */
public final class Revision implements Comparable<Revision> {

  /** The longest id, in bytes. */
  public static final int ID_BYTES_MAX = 128;

  /** The greatest position a revision can have. */
  public static final long POSITION_MAX = 999_999_999_999_999L;

  private static final HexFormat HEX = HexFormat.of();

  private final long position;
  private final byte[] id;

  public Revision(long position, byte[] id) {
    this.position = position;
    this.id = id;
  }

  /**
   * Parses {@code position-id}. Returns empty if the text is not a revision. As in CouchDB, the id
   * may be any text, even empty, and the position may be one that no document can have: such a
   * revision parses, but is never found.
   */
  public static Optional<Revision> parse(String text) {
    int dash = text.indexOf('-');
    if (dash < 1) {
      return Optional.empty();
    }
    long position = 0;
    for (int i = 0; i < dash; i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return Optional.empty();
      }
      position = Math.min(POSITION_MAX + 1, position * 10 + digit - '0');
    }
    long parsed = position;
    return parseId(text.substring(dash + 1)).map(id -> new Revision(parsed, id));
  }

  /** Returns the bytes of an id, or empty if the text is too long or not well-formed Unicode. */
  public static Optional<byte[]> parseId(String text) {
    if (text.length() == 32 && text.chars().allMatch(HexFormat::isHexDigit)) {
      return Optional.of(HEX.parseHex(text));
    }
    if (text.length() > ID_BYTES_MAX || !Utf8.isWellFormed(text)) {
      return Optional.empty();
    }
    byte[] id = text.getBytes(StandardCharsets.UTF_8);
    return id.length <= ID_BYTES_MAX ? Optional.of(id) : Optional.empty();
  }

  /** Whether a document can have this revision. */
  public boolean isStorable() {
    return position >= 1 && position <= POSITION_MAX && id.length > 0;
  }

  public static String idText(byte[] id) {
    return id.length == 16 ? HEX.formatHex(id) : new String(id, StandardCharsets.UTF_8);
  }

  /** The position in the history. The first revision has position 1. */
  public long position() {
    return position;
  }

  public byte[] id() {
    return id;
  }

  @Override
  public int compareTo(Revision other) {
    int byPosition = Long.compare(position, other.position);
    return byPosition != 0 ? byPosition : Arrays.compareUnsigned(id, other.id);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Revision revision
        && position == revision.position
        && Arrays.equals(id, revision.id);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(id) * 31 + Long.hashCode(position);
  }

  /** Returns the revision as CouchDB writes it. */
  @Override
  public String toString() {
    return position + "-" + idText(id);
  }
}
