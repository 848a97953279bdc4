package io.divan.document.revision;

import io.divan.storage.Versionstamp;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A position in the updates of a database, written {@code N-STAMP}. Only the stamp determines the
 * order. The number lets clients show progress. It is exact with one writer, and approximate if
 * transactions on a cluster commit concurrently.
 *
 * @param number number of updates of the database up to this one; 0 before the first update
 * @param stamp position of the update in the order of commits
 */
public record Sequence(long number, Versionstamp stamp) {

  /** The position before the first update. */
  public static final Sequence ZERO = new Sequence(0, Versionstamp.ZERO);

  /** The number reported for a change that an earlier version stored without a number. */
  public static final long UNNUMBERED = 1;

  private static final int DIGITS_MAX = 18;
  private static final Pattern TEXT = Pattern.compile("(?:([0-9]+)-)?([0-9a-fA-F]{24})");

  /** Parses a sequence with or without its number. */
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

  /** Returns the sequence of a stamp whose number is unknown. */
  public static Sequence unnumbered(Versionstamp stamp) {
    return stamp.equals(Versionstamp.ZERO) ? ZERO : new Sequence(UNNUMBERED, stamp);
  }

  /** Whether this is the position before the first update. */
  public boolean isZero() {
    return stamp.equals(Versionstamp.ZERO);
  }

  /** Whether this sequence is later than another. */
  public boolean isAfter(Sequence other) {
    return stamp.compareTo(other.stamp) > 0;
  }

  @Override
  public String toString() {
    return number + "-" + stamp;
  }
}
