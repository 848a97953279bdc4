package io.divan.storage;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * UTF-8 that can be undone: what Java would silently replace, half a surrogate pair or malformed
 * bytes, would make two keys of one and is refused.
 */
final class Utf8 {

  private Utf8() {}

  /** Whether the text has an encoding: every surrogate is one of a pair. */
  static boolean isText(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /**
   * The encoding.
   *
   * @throws IllegalArgumentException when there is none
   */
  static byte[] encode(String text) {
    if (!isText(text)) {
      throw new IllegalArgumentException("Half a surrogate pair is not Unicode text");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The text.
   *
   * @throws IllegalArgumentException when the bytes encode none
   */
  static String decode(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0) {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        throw new IllegalArgumentException("Malformed UTF-8", e);
      }
    }
    return text;
  }
}
