package io.divan.document;

import java.util.Random;

/** JSON text as clients may send it: any white space, escapes, repeated names, odd numbers. */
public final class RandomJson {

  private static final String[] NAMES = {
    "a", "b", "c", "", "é", "\uD83D\uDE00", "a b", "_foo", "x\\\"y", "long name of a member"
  };
  private static final String[] NUMBERS = {
    "0", "-0", "1", "-17", "12345678901234567890123", "1.00", "1e2", "1E+2", "-0.0", "5e-324",
    "0.30000000000000004", "1.7976931348623157e308", "123456789012345678901234567890.5e-7"
  };
  private static final String[] SPACE = {"", "", "", " ", "\n", "\t\r\n  "};

  private final Random random;
  private final StringBuilder out = new StringBuilder();

  private RandomJson(Random random) {
    this.random = random;
  }

  /** An object. */
  public static String object(Random random) {
    RandomJson json = new RandomJson(random);
    json.object(5);
    return json.out.toString();
  }

  private void space() {
    out.append(SPACE[random.nextInt(SPACE.length)]);
  }

  private void value(int depth) {
    space();
    switch (random.nextInt(depth > 0 ? 9 : 6)) {
      case 0 -> out.append("true");
      case 1 -> out.append(random.nextBoolean() ? "false" : "null");
      case 2, 3 -> out.append(NUMBERS[random.nextInt(NUMBERS.length)]);
      case 4, 5 -> text();
      case 6 -> array(depth - 1);
      default -> object(depth - 1);
    }
    space();
  }

  private void array(int depth) {
    out.append('[');
    int count = random.nextInt(5);
    for (int i = 0; i < count; i++) {
      out.append(i > 0 ? "," : "");
      value(depth);
    }
    space();
    out.append(']');
  }

  private void object(int depth) {
    out.append('{');
    boolean many = random.nextInt(8) == 0;
    int count = many ? 10 + random.nextInt(30) : random.nextInt(6);
    for (int i = 0; i < count; i++) {
      out.append(i > 0 ? "," : "");
      space();
      if (many && random.nextInt(3) > 0) {
        out.append("\"m").append(random.nextInt(40)).append('"');
      } else {
        out.append('"').append(NAMES[random.nextInt(NAMES.length)]).append('"');
      }
      space();
      out.append(':');
      value(many ? Math.min(depth, 1) : depth);
    }
    space();
    out.append('}');
  }

  private void text() {
    out.append('"');
    int count = random.nextInt(12);
    for (int i = 0; i < count; i++) {
      int point =
          switch (random.nextInt(6)) {
            case 0 -> random.nextInt(0x20);
            case 1 -> "\"\\/\u007F\u2028\uFFFF".charAt(random.nextInt(6));
            case 2 -> 0x80 + random.nextInt(0xD800 - 0x80);
            case 3 -> 0x10000 + random.nextInt(0x100000);
            default -> ' ' + random.nextInt(95);
          };
      boolean mustEscape = point < 0x20 || point == '"' || point == '\\';
      if (mustEscape || random.nextInt(4) == 0) {
        escaped(point);
      } else {
        out.appendCodePoint(point);
      }
    }
    out.append('"');
  }

  private void escaped(int point) {
    int simple = "\"\\/\b\f\n\r\t".indexOf(point);
    if (simple >= 0 && random.nextBoolean()) {
      out.append('\\').append("\"\\/bfnrt".charAt(simple));
      return;
    }
    for (char c : Character.toChars(point)) {
      out.append(String.format(random.nextBoolean() ? "\\u%04x" : "\\u%04X", (int) c));
    }
  }
}
