package io.divan.storage.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenStoresTest {
  private final OpenStores stores = new OpenStores(3, Duration.ofMinutes(1));
  private final long begun = System.nanoTime();
  private final List<Integer> closed = new ArrayList<>();

  /** A store that is open; used the later, the greater its number. */
  private final class Fake implements OpenStores.Files {
    private final int number;
    private final boolean used;

    Fake(int number, boolean used) {
      this.number = number;
      this.used = used;
      stores.add(this);
    }

    @Override
    public long usedNanos() {
      return begun + number;
    }

    @Override
    public boolean closeIfUnused() {
      if (!used) {
        closed.add(number);
        stores.remove(this);
      }
      return !used;
    }
  }

  @Test
  void makeRoom_room_closesNothing() {
    new Fake(1, false);
    new Fake(2, false);
    stores.makeRoom();
    assertThat(closed).isEmpty();
  }

  @Test
  void makeRoom_full_closesTheLeastRecentlyUsed() {
    new Fake(3, false);
    new Fake(1, true);
    new Fake(2, false);
    stores.makeRoom();
    assertThat(closed).containsExactly(2);
    assertThat(stores.size()).isEqualTo(2);
  }

  /** As where several threads open stores at once, and all have closed the same one. */
  @Test
  void makeRoom_farTooMany_closesUntilThereIsRoom() {
    for (int i = 0; i < 10; i++) {
      new Fake(i, false);
    }
    stores.makeRoom();
    assertThat(stores.size()).isEqualTo(2);
  }
}
