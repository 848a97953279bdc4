package io.divan.document.revision;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * The id of a new revision: the MD5 over
 *
 * <pre>
 * 1 byte    1 for a deletion, else 0
 *           the previous revision as text, or nothing
 * 1 byte    0
 *           the canonical body
 * then for each attachment in byte order of its name:
 *           0, name, 0, content type, 0, its digest as answered
 * </pre>
 *
 * The same edit gives the same revision on every node and backend, so replicas that were edited
 * alike do not conflict. Frozen: changing it would make every replica disagree.
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
      throw new IllegalStateException("Every Java has MD5", e);
    }
  }
}
