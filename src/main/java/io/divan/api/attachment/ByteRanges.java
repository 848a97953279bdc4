package io.divan.api.attachment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decides which bytes of an attachment a request with a {@code Range} header gets. Follows CouchDB:
 * a header that cannot be parsed, a range {@code 0-} and more than {@value #RANGES_MAX} ranges get
 * the whole content, and one unsatisfiable range makes the request unsatisfiable.
 */
final class ByteRanges {
  static final int RANGES_MAX = 9;

  private static final String UNIT = "bytes=";
  private static final Pattern RANGE = Pattern.compile("\\+?(\\d+)-(?:\\+?(\\d+))?");
  private static final Pattern SUFFIX = Pattern.compile("-\\+?(\\d+)");
  private static final int LONG_DIGITS = 18;

  private ByteRanges() {}

  /** The decision about a request. */
  sealed interface Selection {

    /** The whole content, with status 200. */
    record Whole() implements Selection {}

    /** These ranges in this order, with status 206. There is at least one. */
    record Parts(List<Range> ranges) implements Selection {}

    /** Status 416. */
    record Unsatisfiable() implements Selection {

      /** The {@code Content-Range} of the response. */
      static String contentRange(long length) {
        return "bytes */" + length;
      }
    }
  }

  /** Bytes from the first to the last, counted from 0, both included. */
  record Range(long first, long last) {

    long length() {
      return last - first + 1;
    }

    /** The {@code Content-Range} of this part of content with a length. */
    String contentRange(long whole) {
      return "bytes " + first + '-' + last + '/' + whole;
    }
  }

  /**
   * Decides about a request.
   *
   * @param range the values of the {@code Range} header; none or more than one mean the whole
   * @param ifRange the values of the {@code If-Range} header
   * @param etag the entity tag of the content, with its quotation marks
   * @param length the length of the content
   */
  static Selection select(List<String> range, List<String> ifRange, String etag, long length) {
    boolean current = ifRange.stream().allMatch(value -> value.strip().equals(etag));
    if (range.size() != 1 || !current || !range.getFirst().startsWith(UNIT)) {
      return new Selection.Whole();
    }
    List<Requested> requested = new ArrayList<>();
    for (String text : range.getFirst().substring(UNIT.length()).split(",")) {
      if (!text.isBlank()) {
        Optional<Requested> parsed = parse(text.strip());
        if (parsed.isEmpty()) {
          return new Selection.Whole();
        }
        requested.add(parsed.get());
      }
    }
    return select(requested, length);
  }

  private static Selection select(List<Requested> requested, long length) {
    List<Range> ranges = new ArrayList<>();
    for (Requested one : requested) {
      if (one.equals(new Requested.From(0))) {
        return new Selection.Whole();
      }
      Range range = one.in(length);
      if (range.first() >= length || range.first() > range.last()) {
        return new Selection.Unsatisfiable();
      }
      ranges.add(range);
    }
    return ranges.isEmpty() || ranges.size() > RANGES_MAX
        ? new Selection.Whole()
        : new Selection.Parts(ranges);
  }

  /** A range as a client requests it. */
  private sealed interface Requested {

    /** The range within content of this length. It is unsatisfiable if it ends before it begins. */
    Range in(long length);

    record From(long first) implements Requested {
      @Override
      public Range in(long length) {
        return new Range(first, length - 1);
      }
    }

    record Between(long first, long last) implements Requested {
      @Override
      public Range in(long length) {
        return new Range(first, Math.min(last, length - 1));
      }
    }

    record Suffix(long count) implements Requested {
      @Override
      public Range in(long length) {
        return new Range(Math.max(0, length - count), length - 1);
      }
    }
  }

  private static Optional<Requested> parse(String text) {
    Matcher suffix = SUFFIX.matcher(text);
    if (suffix.matches()) {
      return Optional.of(new Requested.Suffix(number(suffix.group(1))));
    }
    Matcher range = RANGE.matcher(text);
    if (!range.matches()) {
      return Optional.empty();
    }
    long first = number(range.group(1));
    return Optional.of(
        range.group(2) == null
            ? new Requested.From(first)
            : new Requested.Between(first, number(range.group(2))));
  }

  /** Parses digits. A number that is longer than any content becomes the largest one. */
  private static long number(String digits) {
    String significant = digits.replaceFirst("^0+(?=.)", "");
    return significant.length() > LONG_DIGITS ? Long.MAX_VALUE : Long.parseLong(significant);
  }
}
