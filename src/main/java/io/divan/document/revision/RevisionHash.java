package io.divan.document.revision;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * The id of a new revision: the MD5 hash of
 *
 * <pre>
 * 1 byte    1 for a deletion, else 0
 *           the previous revision as text, or nothing
 * 1 byte    0
 *           the canonical body
 * then for each attachment in byte order of its name:
 *           0, name, 0, content type, 0, its digest as the API returns it
 * </pre>
 *
 * The same edit produces the same revision on every node and backend, so replicas that receive the
 * same edit do not conflict. The algorithm must never change: otherwise replicas of different
 * versions would conflict.
 */
public final class RevisionHash {

  private RevisionHash() {}

  public static byte[] of(boolean deleted, Optional<Revision> previous, byte[] body) {
    MessageDigest md5 = md5();
    md5.update((byte) (deleted ? 1 : 0));
    previous.ifPresent(p -> md5.update(p.toString().getBytes(StandardCharsets.UTF_8)));
    md5.update((byte) 0);
    md5.update(body);
    return md5.digest();
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(
          "This Java runtime lacks MD5, which every runtime must provide", e);
    }
  }
}
