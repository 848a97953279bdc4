package io.divan.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps the interfaces that a backend implements small. */
class SpiSizeTest {

  @ParameterizedTest
  @ValueSource(classes = {StorageAdapter.class, Store.class, ReadTransaction.class})
  void interface_abstractMethods_atMostSeven(Class<?> type) {
    assertThat(Arrays.stream(type.getMethods()).filter(SpiSizeTest::isAbstract))
        .hasSizeLessThanOrEqualTo(7);
  }

  @Test
  void writeTransaction_ownAbstractMethods_atMostTen() {
    assertThat(
        Arrays.stream(WriteTransaction.class.getDeclaredMethods())
            .filter(SpiSizeTest::isAbstract))
        .hasSizeLessThanOrEqualTo(10);
  }

  private static boolean isAbstract(Method method) {
    return Modifier.isAbstract(method.getModifiers());
  }
}
