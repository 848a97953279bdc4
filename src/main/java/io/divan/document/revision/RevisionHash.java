package io.divan.document.revision;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The id of a new revision: the MD5 hash of
 *
 * <pre>
 * 1 byte    1 for a deletion, else 0
 *           the previous revision as text, or nothing
 * 1 byte    0
 *           the canonical body
 * then for each attachment in byte order of its name:
 *           0, name, 0, content type, 0, the MD5 of its content before compression
 * </pre>
 *
 * The same edit produces the same revision on every node and backend, so replicas that receive the
 * same edit do not conflict. The algorithm must never change: otherwise replicas of different
 * versions would conflict.
 */
public final class RevisionHash {

  private RevisionHash() {}

  public static byte[] of(
      boolean deleted, Optional<Revision> previous, byte[] body, List<Attachment> attachments) {
    MessageDigest md5 = md5();
    md5.update((byte) (deleted ? 1 : 0));
    previous.ifPresent(p -> md5.update(p.toString().getBytes(StandardCharsets.UTF_8)));
    md5.update((byte) 0);
    md5.update(body);
    if (!attachments.isEmpty()) {
      addAll(md5, attachments);
    }
    return md5.digest();
  }

  private static void addAll(MessageDigest md5, List<Attachment> attachments) {
    Map<byte[], Attachment> byName = new TreeMap<>(Arrays::compareUnsigned);
    attachments.forEach(one -> byName.put(one.name().getBytes(StandardCharsets.UTF_8), one));
    byName.forEach(
        (name, attachment) -> {
          md5.update((byte) 0);
          md5.update(name);
          md5.update((byte) 0);
          md5.update(attachment.type().getBytes(StandardCharsets.UTF_8));
          md5.update((byte) 0);
          md5.update(attachment.content().identityMd5());
        });
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
