package io.divan.document.revision;

import io.divan.storage.Versionstamp;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place among the updates of a database, written {@code N-STAMP}. Only the stamp orders. The
 * number is for clients that show progress: exact with one writer, nearly so where transactions of
 * a cluster commit at the same time.
 *
 * @param number how many updates the database had then; 0 before the first one
 * @param stamp where the update stands in the order of commits
 */
public record Sequence(long number, Versionstamp stamp) {

  /** Before the first update. */
  public static final Sequence ZERO = new Sequence(0, Versionstamp.ZERO);

  /** The number of a change that an earlier version stored without one. */
  public static final long UNNUMBERED = 1;

  private static final int DIGITS_MAX = 18;
  private static final Pattern TEXT = Pattern.compile("(?:([0-9]+)-)?([0-9a-fA-F]{24})");

  /** Reads a sequence, with or without its number. */
  public static Optional<Sequence> parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Versionstamp stamp = Versionstamp.fromBytes(HexFormat.of().parseHex(matcher.group(2)), 0);
    String number = matcher.group(1);
    if (number == null) {
      return Optional.of(unnumbered(stamp));
    }
    return Optional.of(
        new Sequence(
            number.length() > DIGITS_MAX ? Long.MAX_VALUE : Long.parseLong(number), stamp));
  }

  /** The sequence of a stamp whose number is not known. */
  public static Sequence unnumbered(Versionstamp stamp) {
    return stamp.equals(Versionstamp.ZERO) ? ZERO : new Sequence(UNNUMBERED, stamp);
  }

  /** Whether it stands before the first update. */
  public boolean isZero() {
    return stamp.equals(Versionstamp.ZERO);
  }

  /** Whether this one stands after another. */
  public boolean isAfter(Sequence other) {
    return stamp.compareTo(other.stamp) > 0;
  }

  @Override
  public String toString() {
    return number + "-" + stamp;
  }
}
