package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksumsTest {

  /** Expected values from the reference implementation, xxHash 0.8, through its Python binding. */
  @ParameterizedTest
  @CsvSource({
    "0, 99aa06d3014798d86001c324468d497f",
    "1, 79d2c79e874f72cd8a21d78b1538b1c0",
    "3, 6ce2af4d016d246225c74c5526390d4e",
    "4, be40c43ab41715dde5a52de913210de3",
    "8, ae26665972542056a2464b4fd928c4ad",
    "9, 61c1e1b9d5b4867162f17510e49b4d0a",
    "16, 1f22a63e90fbb81be43bfbd0e956dedc",
    "17, b8c06f50a416c64cab318e904750b71e",
    "64, 13ccae7ff1ec3e65a109ba8d73002148",
    "65, 34cabcae4549198ad571c6bf620080f6",
    "97, 577dc67842d15ca542a2076c40f410fb",
    "128, 95a20c69c5a61f07ad5a4e765ea6714c",
    "129, 576204a9a5a866e97ca34dd5d1f94b0b",
    "240, 8e91c5dd1b87b8e314f951ee48c69b16",
    "241, e53a3a44f8288a0d60a103657cdf32a0",
    "1023, d978cf4fd8f9ec725a6cae9db9e269b0",
    "1024, e0c9e3f5d85627b48090b1c4d4482bed",
    "1025, fda5c6a0dead939b8472298cd38a88c2",
    "4095, 71315a93440c1c5024e1d2633980fcfa",
    "4096, e08d703acfa1191c723ccb6c0ed547b3",
    "8192, e53ec79e96bbee85a40eec970db3ce7e",
    "100000, 301bad68c8d26536ef8b85189f4bfe35"
  })
  void of_knownBytes_equalsTheReference(int length, String expected) {
    int before = 5;
    byte[] bytes = new byte[before + length + 3];
    for (int i = 0; i < length; i++) {
      bytes[before + i] = (byte) (i * i * 7 + 13);
    }
    Checksum checksum = Checksums.of(bytes, before, length);
    HexFormat hex = HexFormat.of();
    assertThat(hex.toHexDigits(checksum.high()) + hex.toHexDigits(checksum.low()))
        .isEqualTo(expected);
  }

  @Test
  void of_rangeOutsideTheArray_isRejected() {
    assertThatThrownBy(() -> Checksums.of(new byte[10], 4, 7))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
