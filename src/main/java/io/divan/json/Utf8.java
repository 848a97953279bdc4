package io.divan.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Lossless conversion between Java text and UTF-8. Java replaces unpaired surrogates and malformed
 * bytes silently, which would map different texts to one key; these methods reject them.
 */
public final class Utf8 {

  private Utf8() {}

  /** Whether the text can be encoded: every surrogate belongs to a pair. */
  public static boolean isWellFormed(String text) {
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
   * Encodes text.
   *
   * @throws IllegalArgumentException if the text contains an unpaired surrogate
   */
  public static byte[] encode(String text) {
    if (!isWellFormed(text)) {
      throw new IllegalArgumentException("The text contains an unpaired surrogate");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Decodes bytes.
   *
   * @throws IllegalArgumentException if the bytes are not well-formed UTF-8
   */
  public static String decode(byte[] bytes) {
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
