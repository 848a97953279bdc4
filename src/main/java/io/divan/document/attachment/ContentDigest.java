package io.divan.document.attachment;

import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** The length and digests of the bytes that are written to this stream. */
final class ContentDigest extends OutputStream {
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
}
