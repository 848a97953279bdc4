package io.divan.storage.tuple;

import io.divan.storage.Versionstamp;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Formats tuples for people, on one line: {@code ("a", true, 2, 0x0fe1, @0006…, null)}. Strings are
 * quoted; bytes and versionstamps are hexadecimal digits after {@code 0x} and {@code @}. Scripts
 * may search the text, but it cannot be parsed back.
 */
public final class TupleText {
  private static final HexFormat HEX = HexFormat.of();

  private TupleText() {}

  /** Formats an encoded tuple, or bytes that do not encode a tuple as {@link #hex}. */
  public static String print(byte[] encoded) {
    try {
      return print(TupleReader.unpack(encoded));
    } catch (IllegalArgumentException e) {
      return hex(encoded);
    }
  }

  /** Formats the elements of a tuple, as {@link TupleReader} returns them. */
  public static String print(List<@Nullable Object> elements) {
    return elements.stream().map(TupleText::element).collect(Collectors.joining(", ", "(", ")"));
  }

  private static String element(@Nullable Object element) {
    return switch (element) {
      case null -> "null";
      case String text -> quote(text);
      case byte[] bytes -> hex(bytes);
      case Versionstamp stamp -> "@" + stamp;
      case Float number -> number + "f";
      case List<?> nested ->
          nested.stream().map(TupleText::element).collect(Collectors.joining(", ", "(", ")"));
      default -> element.toString();
    };
  }

  /** Formats bytes as {@code 0x} and two digits for each. */
  public static String hex(byte[] bytes) {
    return "0x" + HEX.formatHex(bytes);
  }

  /** Quotes text. Quotes and backslashes within it are escaped by a backslash. */
  public static String quote(String text) {
    return '"' + printable(text.replace("\\", "\\\\").replace("\"", "\\\"")) + '"';
  }

  /** Escapes characters that would break the line or control a terminal. */
  public static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            point -> {
              if (isPrintable(point)) {
                out.appendCodePoint(point);
              } else {
                for (char unit : Character.toChars(point)) {
                  out.append("\\u").append(HEX.toHexDigits(unit));
                }
              }
            });
    return out.toString();
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
