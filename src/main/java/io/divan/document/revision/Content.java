package io.divan.document.revision;

import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The content of an attachment: what is stored, and the bytes that it stands for. They differ where
 * the content is stored gzipped. The caller of the constructor, and of the accessors of arrays,
 * must not modify them.
 *
 * @param sha256 SHA-256 of the stored bytes, by which equal contents are stored once
 * @param md5 MD5 of the stored bytes, which the API shows as digest
 * @param identityMd5 MD5 of the bytes before compression, which the revision's id depends on
 * @param storedLength number of stored bytes
 * @param length number of bytes before compression
 * @param gzip whether the stored bytes are gzipped
 */
public record Content(
    byte[] sha256, byte[] md5, byte[] identityMd5, long storedLength, long length, boolean gzip) {
  public static final int SHA256_BYTES = 32;
  public static final int MD5_BYTES = 16;

  /** The digest as the API shows it, such as {@code md5-2jmj7l5rSw0yVb/vlWAYkK/YBwk=}. */
  public String digest() {
    return "md5-" + md5Base64();
  }

  /** The MD5 of the stored bytes in base64, which the API shows as entity tag. */
  public String md5Base64() {
    return Base64.getEncoder().encodeToString(md5);
  }

  /**
   * Parses an MD5 in base64, as in a digest or a {@code Content-MD5}. As in CouchDB, its padding is
   * required.
   *
   * @return nothing if it is malformed
   */
  public static Optional<byte[]> parseMd5(String base64) {
    try {
      return Optional.of(Base64.getDecoder().decode(base64))
          .filter(md5 -> md5.length == MD5_BYTES && base64.endsWith("=="));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Content content
        && Arrays.equals(sha256, content.sha256)
        && Arrays.equals(md5, content.md5)
        && Arrays.equals(identityMd5, content.identityMd5)
        && storedLength == content.storedLength
        && length == content.length
        && gzip == content.gzip;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sha256);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(sha256, 0, 8) + " " + digest() + " " + storedLength + " bytes"
        + (gzip ? ", gzip of " + length : "");
  }
}
