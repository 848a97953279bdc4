package io.divan.storage.fdb.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.directory.DirectoryAlreadyExistsException;
import com.apple.foundationdb.directory.DirectoryLayer;
import com.apple.foundationdb.directory.DirectorySubspace;
import com.apple.foundationdb.directory.NoSuchDirectoryException;
import com.apple.foundationdb.tuple.Tuple;
import io.divan.storage.Seeds;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;

/** fdb-java's own directory and tuple layers over the simulation. */
class DirectoryLayerTest {

  private final Database db = new SimulatedFoundationDb().open();
  private final DirectoryLayer directories = new DirectoryLayer();

  private List<KeyValue> rows(DirectorySubspace directory) {
    return db.read(tr -> tr.getRange(directory.range()).asList().join());
  }

  @Test
  void createOrOpen_existing_returnsTheSamePrefix() {
    DirectorySubspace first = directories.createOrOpen(db, List.of("divan", "a")).join();
    DirectorySubspace again = directories.createOrOpen(db, List.of("divan", "a")).join();
    DirectorySubspace other = directories.createOrOpen(db, List.of("divan", "b")).join();
    assertThat(again.pack()).isEqualTo(first.pack()).isNotEqualTo(other.pack());
    assertThat(directories.list(db, List.of("divan")).join()).containsExactly("a", "b");
  }

  @Test
  void create_existing_isRefused() {
    directories.create(db, List.of("a")).join();
    assertThatThrownBy(() -> directories.create(db, List.of("a")).join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(DirectoryAlreadyExistsException.class);
  }

  @Test
  void remove_withContents_clearsThem() {
    DirectorySubspace a = directories.create(db, List.of("a")).join();
    DirectorySubspace child = directories.create(db, List.of("a", "child")).join();
    db.run(
        tr -> {
          tr.set(a.pack(Tuple.from("k")), "v".getBytes(UTF_8));
          tr.set(child.pack(Tuple.from("k")), "v".getBytes(UTF_8));
          return true;
        });
    directories.remove(db, List.of("a")).join();
    assertThat(directories.exists(db, List.of("a")).join()).isFalse();
    assertThat(rows(a)).isEmpty();
    assertThat(rows(child)).isEmpty();
    assertThatThrownBy(() -> directories.open(db, List.of("a")).join())
        .hasCauseInstanceOf(NoSuchDirectoryException.class);
  }

  @Test
  void move_keepsPrefixAndContents() {
    DirectorySubspace a = directories.create(db, List.of("a")).join();
    db.run(
        tr -> {
          tr.set(a.pack(Tuple.from(1)), "v".getBytes(UTF_8));
          return true;
        });
    DirectorySubspace b = directories.move(db, List.of("a"), List.of("b")).join();
    assertThat(b.pack()).isEqualTo(a.pack());
    assertThat(rows(b)).containsExactly(new KeyValue(b.pack(Tuple.from(1)), "v".getBytes(UTF_8)));
  }

  @Test
  void create_manyTimes_returnsAPrefixFreeSet() {
    Set<String> prefixes = new TreeSet<>();
    for (int i = 0; i < 300; i++) {
      byte[] prefix = directories.create(db, List.of("d" + i)).join().pack();
      prefixes.add(HexFormat.of().formatHex(prefix));
    }
    assertThat(prefixes).hasSize(300);
    String before = "-";
    for (String prefix : prefixes) {
      assertThat(prefix).doesNotStartWith(before);
      before = prefix;
    }
  }

  @Test
  void create_bySimulatedClients_returnsDistinctPrefixes() {
    SimulatedClients clients = new SimulatedClients(Seeds.seed(1));
    SimulatedFoundationDb cluster = new SimulatedFoundationDb(clients);
    Set<String> prefixes = new ConcurrentSkipListSet<>();
    for (int i = 0; i < 6; i++) {
      Database mine = cluster.open();
      String name = "c" + i;
      clients.start(
          name,
          () -> {
            for (int k = 0; k < 5; k++) {
              List<String> path = List.of(name, "" + k);
              byte[] prefix = new DirectoryLayer().create(mine, path).join().pack();
              prefixes.add(HexFormat.of().formatHex(prefix));
            }
          });
    }
    clients.run();
    assertThat(prefixes).hasSize(30);
  }
}
