package io.divan.json;

import java.math.BigInteger;

/**
 * A JSON number as sign, digits and exponent. Comparisons are exact for numbers of any size and
 * take linear time in the length of their text.
 *
 * @param sign -1, 0 or 1
 * @param exponent the decimal exponent: the number is 0.digits × 10^exponent
 * @param digits the digits without leading and trailing zeros
 */
record Decimal(int sign, BigInteger exponent, String digits) implements Comparable<Decimal> {
  private static final int LONG_DIGITS = 18;

  /** Compares two JSON numbers. */
  static int compare(String a, String b) {
    if (isSmallInteger(a) && isSmallInteger(b)) {
      return Long.compare(Long.parseLong(a), Long.parseLong(b));
    }
    return of(a).compareTo(of(b));
  }

  private static boolean isSmallInteger(String text) {
    if (text.length() > LONG_DIGITS) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && c != '-') {
        return false;
      }
    }
    return true;
  }

  static Decimal of(String text) {
    int from = text.startsWith("-") ? 1 : 0;
    int end = from;
    while (end < text.length() && (text.charAt(end) | 0x20) != 'e') {
      end++;
    }
    int point = text.indexOf('.', from);
    String whole = text.substring(from, point < 0 || point > end ? end : point);
    String digits = point < 0 || point > end ? whole : whole + text.substring(point + 1, end);
    int leading = 0;
    while (leading < digits.length() && digits.charAt(leading) == '0') {
      leading++;
    }
    int last = digits.length();
    while (last > leading && digits.charAt(last - 1) == '0') {
      last--;
    }
    if (leading == last) {
      return new Decimal(0, BigInteger.ZERO, "");
    }
    BigInteger exponent =
        end == text.length() ? BigInteger.ZERO : new BigInteger(text.substring(end + 1));
    return new Decimal(
        from == 0 ? 1 : -1,
        exponent.add(BigInteger.valueOf(whole.length() - (long) leading)),
        digits.substring(leading, last));
  }

  @Override
  public int compareTo(Decimal other) {
    if (sign != other.sign) {
      return Integer.compare(sign, other.sign);
    }
    int magnitude = exponent.compareTo(other.exponent);
    return sign * Integer.signum(magnitude != 0 ? magnitude : digits.compareTo(other.digits));
  }
}
