package io.divan.logging;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The quoting of values. */
class LogLineTest {

  @Test
  void quoted_charactersThatEndALineOrHideText_areEscaped() {
    assertThat(LogLine.quoted("a\"b\\c\n\r\t\u001b[1m\u0085\u2028\u202e\ud83d\uDE00é", 100))
        .isEqualTo(
            "\"a\\\"b\\\\c\\u000a\\u000d\\u0009\\u001b[1m\\u0085\\u2028\\u202e\\ud83d\\ude00é\"");
  }

  @Test
  void quoted_longValue_isCut() {
    assertThat(LogLine.quoted("abc", 3)).isEqualTo("\"abc\"");
    assertThat(LogLine.quoted("abcd", 3)).isEqualTo("\"abc…\"");
  }
}
