package io.divan.storage.layer;

import static io.divan.storage.ContractFixture.ROWS;
import static io.divan.storage.ContractFixture.range;
import static io.divan.storage.ContractFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.ContractFixture;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BoundedClearTest {

  @Test
  void step_manyTimes_removesTheRangeAndNothingElse() {
    try (CheckedAdapter adapter = new CheckedAdapter(new ReferenceAdapter())) {
      Store store = adapter.create("db", transaction -> {});
      for (int i = 0; i < 40; i++) {
        byte[] key = ContractFixture.bytes("%02d".formatted(i));
        store.write(
            transaction -> {
              transaction.put(ROWS, key, new byte[60_000]);
              return true;
            });
      }
      int steps = 0;
      Optional<Range> rest = Optional.of(range("01", "39").reversed().limit(1));
      while (rest.isPresent()) {
        rest = BoundedClear.step(store, rest.get());
        steps++;
      }
      assertThat(steps).isEqualTo(3);
      List<KeyValue> left = store.read(t -> t.scan(Range.all(ROWS)).rows());
      assertThat(left).extracting(row -> text(row.key())).containsExactly("00", "39");
      assertThat(BoundedClear.step(store, range("x", "z"))).isEmpty();
      assertThat(BoundedClear.step(store, range("z", "a"))).isEmpty();
    }
  }
}
