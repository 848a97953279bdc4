package io.divan.document.attachment;

import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;

/** The length and digests of the bytes that are written to this stream. */
final class ContentDigest extends OutputStream {
  private static final String PREFIX = "md5-";
  private static final int MD5_BYTES = 16;

  private final MessageDigest md5 = algorithm("MD5");
  private final Optional<MessageDigest> sha256;
  private long length;

  private ContentDigest(Optional<MessageDigest> sha256) {
    this.sha256 = sha256;
  }

  /** Computes the MD5 only. */
  static ContentDigest ofMd5() {
    return new ContentDigest(Optional.empty());
  }

  /** Computes the MD5 and the SHA-256. */
  static ContentDigest ofMd5AndSha256() {
    return new ContentDigest(Optional.of(algorithm("SHA-256")));
  }

  static MessageDigest algorithm(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void write(int b) {
    md5.update((byte) b);
    sha256.ifPresent(digest -> digest.update((byte) b));
    length++;
  }

  @Override
  public void write(byte[] bytes, int offset, int count) {
    md5.update(bytes, offset, count);
    if (sha256.isPresent()) {
      sha256.get().update(bytes, offset, count);
    }
    length += count;
  }

  /** The number of bytes so far. */
  long length() {
    return length;
  }

  /** Ends the computation and returns the MD5. */
  byte[] md5() {
    return md5.digest();
  }

  /** Ends the computation and returns the SHA-256. */
  byte[] sha256() {
    return sha256.orElseThrow().digest();
  }

  /** The {@code digest} member of an attachment: {@code md5-} and the MD5 in base64. */
  static String text(byte[] md5) {
    return PREFIX + Base64.getEncoder().encodeToString(md5);
  }

  /** Parses a {@code digest} member. Returns nothing if it is not an MD5 in base64. */
  static Optional<byte[]> parse(String text) {
    if (!text.startsWith(PREFIX)) {
      return Optional.empty();
    }
    return parseMd5(text.substring(PREFIX.length()));
  }

  /** Parses an MD5 in base64, as in {@code Content-MD5}. Returns nothing if it is malformed. */
  static Optional<byte[]> parseMd5(String base64) {
    try {
      byte[] md5 = Base64.getDecoder().decode(base64);
      boolean padded = Base64.getEncoder().encodeToString(md5).equals(base64);
      return padded && md5.length == MD5_BYTES ? Optional.of(md5) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
