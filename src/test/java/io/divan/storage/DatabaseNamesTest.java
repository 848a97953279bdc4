package io.divan.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseNamesTest {

  @ParameterizedTest
  @CsvSource({
    "plain, plain", "a0_-+$(), a0_-+$()", "a/b, a%2Fb", "Upper, %55pper", "_users, _users",
    "con, %63on", "com1, %63om1", "console, console", "a.b, a%2Eb", "a%b, a%25b", "é, %C3%A9",
    "😀, %F0%9F%98%80", "a~b, a%7Eb"
  })
  void encode_literal(String name, String encoded) {
    assertThat(DatabaseNames.encode(name)).isEqualTo(encoded);
    assertThat(DatabaseNames.decode(encoded)).isEqualTo(name);
  }

  @Test
  void encode_random_reversibleAndUniqueIgnoringCase() {
    long seed = Seeds.seed(20_264);
    Random random = new Random(seed);
    Map<String, String> names = new HashMap<>();
    String characters = "aAbB/%.~conNUL1_é\u0000 😀";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder name = new StringBuilder();
      for (int length = random.nextInt(5); length > 0; length--) {
        int at = random.nextInt(characters.length());
        if (!Character.isLowSurrogate(characters.charAt(at))) {
          name.appendCodePoint(characters.codePointAt(at));
        }
      }
      String encoded = DatabaseNames.encode(name.toString());
      assertThat(DatabaseNames.decode(encoded)).as(Seeds.replay(seed)).isEqualTo(name.toString());
      String other = names.put(encoded.toLowerCase(Locale.ROOT), name.toString());
      assertThat(other == null || other.contentEquals(name))
          .as("%s: %s and %s", Seeds.replay(seed), other, name)
          .isTrue();
    }
  }

  @Test
  void encode_longest_accepted() {
    assertThat(DatabaseNames.encode("a".repeat(200))).hasSize(200);
    assertThat(DatabaseNames.encode("/".repeat(66) + "aa")).hasSize(200);
  }

  @ParameterizedTest
  @ValueSource(ints = {67, 201})
  void encode_tooLong_messageHasTheExcess(int length) {
    String name = (length == 67 ? "/" : "a").repeat(length);
    assertThatExceptionOfType(StorageException.LimitExceeded.class)
        .isThrownBy(() -> DatabaseNames.encode(name))
        .satisfies(e -> assertThat(e.limit()).isEqualTo(Limits.Limit.DATABASE_NAME))
        .satisfies(e -> assertThat(e.actual()).isEqualTo(201));
    assertThat(DatabaseNames.isPossible(name)).isFalse();
  }

  @Test
  void encode_unpairedSurrogate_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> DatabaseNames.encode("a\uD83D"));
    assertThat(DatabaseNames.isPossible("a\uD83D")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"A", "%", "%2", "%2f", "%GG", "a.b", "é", "%61", "%FF", "con", "ā"})
  void decode_invalid_refused(String encoded) {
    assertThatIllegalArgumentException().isThrownBy(() -> DatabaseNames.decode(encoded));
  }
}
