package io.divan.document.attachment;

import io.divan.document.revision.Content;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Compares stored bytes with what is known of their content. For one thread. */
public final class ContentVerifier {
  private final @Nullable ContentDigest stored;
  private final ContentDigest identity = ContentDigest.ofMd5();
  private @Nullable GunzipOutput gunzip;
  private Optional<String> malformed = Optional.empty();
  private boolean ended;
  private byte[] sha256 = new byte[0];
  private byte[] md5 = new byte[0];
  private byte[] identityMd5 = new byte[0];

  /**
   * Creates a verifier.
   *
   * @param digests whether to compute digests; otherwise it takes the bytes and does nothing
   * @param gzip whether to inflate the bytes, too
   */
  public ContentVerifier(boolean digests, boolean gzip) {
    this.stored = digests ? ContentDigest.ofMd5AndSha256() : null;
    this.gunzip = digests && gzip ? new GunzipOutput(identity) : null;
  }

  /** Takes the next bytes. */
  public void add(byte[] bytes) {
    if (stored != null) {
      stored.write(bytes, 0, bytes.length);
    }
    inflate(bytes);
  }

  private void inflate(byte[] bytes) {
    GunzipOutput target = gunzip;
    if (target == null || malformed.isPresent()) {
      return;
    }
    try {
      target.write(bytes, 0, bytes.length);
    } catch (ZipException e) {
      malformed = Optional.of("is not gzip: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // digests do not throw
    }
  }

  private ContentDigest end() {
    ContentDigest all = stored;
    if (all == null) {
      throw new IllegalStateException("The verifier computes no digests");
    }
    if (!ended) {
      ended = true;
      sha256 = all.sha256();
      md5 = all.md5();
      endInflating();
      identityMd5 = identity.md5();
    }
    return all;
  }

  private void endInflating() {
    GunzipOutput target = gunzip;
    gunzip = null;
    if (target == null) {
      return;
    }
    try (target) {
      if (malformed.isEmpty()) {
        target.finish();
      }
    } catch (ZipException e) {
      malformed = Optional.of("is not gzip: " + e.getMessage());
    }
  }

  /** Ends the computation and returns the SHA-256. */
  public byte[] sha256() {
    end();
    return sha256;
  }

  /** Returns what a content states wrongly of the bytes, or empty. */
  public Optional<String> difference(Content content) {
    ContentDigest all = end();
    if (content.storedLength() != all.length()) {
      return Optional.of(
          "states " + content.storedLength() + " bytes instead of " + all.length());
    }
    if (!Arrays.equals(content.md5(), md5)) {
      return Optional.of("states another MD5 than that of the bytes");
    }
    if (!content.gzip()) {
      return Optional.empty();
    }
    if (malformed.isPresent()) {
      return Optional.of("states gzip, but the content " + malformed.get());
    }
    if (content.length() != identity.length()) {
      return Optional.of(
          "states " + content.length() + " bytes before compression instead of "
              + identity.length());
    }
    return Arrays.equals(content.identityMd5(), identityMd5)
        ? Optional.empty()
        : Optional.of("states another MD5 than that of the bytes before compression");
  }
}
