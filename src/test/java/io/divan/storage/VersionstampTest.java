package io.divan.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VersionstampTest {

  private static final List<Versionstamp> ASCENDING =
      List.of(
          Versionstamp.ZERO,
          new Versionstamp(0, 0, 1),
          new Versionstamp(0, 0, 0xFFFF),
          new Versionstamp(0, 1, 0),
          new Versionstamp(0, 0xFFFF, 5),
          new Versionstamp(1, 0, 0),
          new Versionstamp(Long.MAX_VALUE, 0, 0),
          new Versionstamp(Long.MIN_VALUE, 0, 0),
          new Versionstamp(-1, 0xFFFF, 0xFFFF));

  @Test
  void compareTo_byteOrder() {
    for (int i = 0; i < ASCENDING.size(); i++) {
      for (int j = 0; j < ASCENDING.size(); j++) {
        Versionstamp left = ASCENDING.get(i);
        Versionstamp right = ASCENDING.get(j);
        assertThat(Integer.signum(left.compareTo(right))).isEqualTo(Integer.compare(i, j));
        assertThat(Integer.signum(Arrays.compareUnsigned(left.toBytes(), right.toBytes())))
            .isEqualTo(Integer.compare(i, j));
      }
    }
  }

  @Test
  void fromBytes_toBytes_equal() {
    for (Versionstamp stamp : ASCENDING) {
      byte[] bytes = new byte[20];
      System.arraycopy(stamp.toBytes(), 0, bytes, 5, Versionstamp.LENGTH);
      assertThat(Versionstamp.fromBytes(bytes, 5)).isEqualTo(stamp);
    }
  }

  @Test
  void toString_24Digits() {
    assertThat(new Versionstamp(0x0102, 0x0A0B, 0xFFFF)).hasToString("00000000000001020a0bffff");
  }

  @Test
  void constructor_outOfRange_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Versionstamp(0, 0x10000, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Versionstamp(0, 0, -1));
    assertThatIllegalArgumentException().isThrownBy(() -> Versionstamp.ZERO.at(0x10000));
  }

  @Test
  void at_stampOfAWrite_itsPosition() {
    Written<String> written = new Written<>("done", Optional.of(new Versionstamp(7, 1, 0)));
    assertThat(written.at(new Stamp(9))).isEqualTo(new Versionstamp(7, 1, 9));
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> new Written<>("done", Optional.empty()).at(new Stamp(0)));
  }
}
