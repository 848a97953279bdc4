package io.divan.query.selector;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A regular expression that matches in linear time. Its syntax is RE2's: Perl's without
 * look-around, back-references and atomic groups, which need backtracking. Safe for use by many
 * threads.
 *
 * <p>The engine limits each repetition but not the product of nested ones. The size of an
 * expression is therefore estimated before it is compiled.
 */
final class Regex {

  /** The largest estimated size of an expression, in instructions. */
  static final int SIZE_MAX = 10_000;

  private static final int REPETITION_DIGITS_MAX = 4;

  private final Pattern pattern;
  private final String text;

  private Regex(Pattern pattern, String text) {
    this.pattern = pattern;
    this.text = text;
  }

  /**
   * Compiles an expression.
   *
   * @throws IllegalArgumentException if it is invalid or larger than {@value #SIZE_MAX}
   */
  static Regex of(String text) {
    if (new Estimate(text).size() > SIZE_MAX) {
      throw new IllegalArgumentException("The regular expression is too large");
    }
    try {
      return new Regex(Pattern.compile(text), text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  boolean find(String in, StepBudget steps) {
    steps.take((1L + in.length()) * pattern.programSize());
    return pattern.matcher(in).find();
  }

  @Override
  public String toString() {
    return text;
  }

  /** Estimates the size of an expression with all repetitions written out. */
  private static final class Estimate {
    private final String text;
    private int at;

    Estimate(String text) {
      this.text = text;
    }

    long size() {
      Deque<Long> outer = new ArrayDeque<>();
      long size = 1;
      long atom = 0;
      while (at < text.length() && size <= SIZE_MAX) {
        char c = text.charAt(at++);
        switch (c) {
          case '(' -> {
            outer.push(size);
            size = 2;
            atom = 0;
          }
          case ')' -> {
            atom = size;
            size += outer.isEmpty() ? 0 : outer.pop();
          }
          case '[' -> {
            skipClass();
            size += atom = 2;
          }
          case '\\' -> {
            size += atom = skipEscape();
          }
          case '{' -> {
            long more = atom * Math.max(0, repetition() - 1);
            size += more;
            atom += more;
          }
          default -> {
            size += atom = 2; // a second one for the other case; ? and + add one to their atom
          }
        }
      }
      return size;
    }

    /** Moves past the closing bracket of a character class. */
    private void skipClass() {
      if (at < text.length() && text.charAt(at) == '^') {
        at++;
      }
      int first = at;
      while (at < text.length() && (text.charAt(at) != ']' || at == first)) {
        if (text.startsWith("[:", at) && text.indexOf(":]", at + 2) >= 0) {
          at = text.indexOf(":]", at + 2) + 2;
        } else {
          at += text.charAt(at) == '\\' ? 2 : 1;
        }
      }
      at++;
    }

    /** Moves past an escape sequence, and returns its size. */
    private long skipEscape() {
      if (!text.startsWith("Q", at)) {
        at++;
        return 2;
      }
      int end = text.indexOf("\\E", at);
      int from = at;
      at = end < 0 ? text.length() : end + 2;
      return 2L * (at - from);
    }

    /** Moves past a counted repetition, and returns its largest count. */
    private long repetition() {
      int end = text.indexOf('}', at);
      long most = 1;
      if (end >= 0 && text.substring(at, end).matches("[0-9]+(,[0-9]*)?")) {
        for (String count : text.substring(at, end).split(",")) {
          most =
              Math.max(
                  most,
                  count.length() > REPETITION_DIGITS_MAX ? SIZE_MAX : Long.parseLong(count));
        }
        most += text.charAt(end - 1) == ',' ? 1 : 0;
        at = end + 1;
      }
      return most;
    }
  }
}
