package io.divan.document.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.TestDatabases;
import io.divan.document.revision.Revision;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.Store;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodiesTest {

  private static final Revision REVISION = TestDatabases.revision("1-a");

  private final Store store = TestDatabases.store();

  private static byte[] body(int bytes) {
    byte[] json = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      json[i] = (byte) ('a' + i % 23);
    }
    return json;
  }

  private void write(Revision revision, boolean deleted, byte[] json) {
    store.write(
        transaction -> {
          Bodies.write(transaction, "d", revision, new Bodies.Body(deleted, json));
          return true;
        });
  }

  private Optional<Bodies.Body> read(Revision revision) {
    return store.read(transaction -> Bodies.read(transaction, "d", revision));
  }

  private List<KeyValue> chunks() {
    return store.read(
        transaction -> Bodies.readAll(transaction, transaction.scan(Tables.body("d", REVISION))));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1", "2, 1", "95994, 1", "95995, 1", "95996, 2", "95999, 2", "96000, 2", "96001, 2",
    "191995, 2", "191996, 3", "8000000, 84"
  })
  void read_written_sameBody(int bytes, int chunks) {
    byte[] json = body(bytes);
    write(REVISION, false, json);
    assertThat(read(REVISION))
        .hasValueSatisfying(
            body -> {
              assertThat(body.deleted()).isFalse();
              assertThat(Arrays.equals(body.json(), json)).isTrue();
            });
    assertThat(chunks()).hasSize(chunks);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void write_header_literal(boolean deleted) {
    write(REVISION, deleted, TestDatabases.utf8("{}"));
    assertThat(chunks()).hasSize(1);
    assertThat(chunks().getFirst().value())
        .isEqualTo(new byte[] {(byte) (deleted ? 1 : 0), 0, 0, 0, 0, '{', '}'});
    assertThat(read(REVISION).map(Bodies.Body::deleted)).contains(deleted);
  }

  @Test
  void write_long_cutsAtChunks() {
    write(REVISION, false, body(300_000));
    assertThat(chunks().stream().map(chunk -> chunk.value().length))
        .containsExactly(96_000, 96_000, 96_000, 12_005);
    for (int i = 0; i < 4; i++) {
      assertThat(chunks().get(i).key()).isEqualTo(Tables.bodyKey("d", REVISION, i));
    }
  }

  @Test
  void storedBytes_isWhatTheChunksHold() {
    write(REVISION, false, body(300_000));
    long held = chunks().stream().mapToLong(chunk -> chunk.value().length).sum();
    assertThat(Bodies.storedBytes(new Bodies.Body(false, new byte[300_000]))).isEqualTo(held);
  }

  @Test
  void delete_oneRevision_keepsTheOthers() {
    Revision other = TestDatabases.revision("1-a\0b");
    write(REVISION, false, body(200_000));
    write(other, true, body(5));
    store.write(
        transaction -> {
          transaction.deleteRange(Tables.body("d", REVISION));
          return true;
        });
    assertThat(read(REVISION)).isEmpty();
    assertThat(read(other)).isPresent();
  }

  @Test
  void readFirst_moreThanOneCallReads_answersTheFirst() {
    for (int i = 1; i <= 5; i++) {
      write(TestDatabases.revision(i + "-a"), false, body(300_000 + i));
    }
    List<Range> ranges =
        List.of("9-none", "1-a", "2-a", "3-a", "4-a", "5-a").stream()
            .map(text -> Tables.body("d", TestDatabases.revision(text)))
            .toList();
    List<Optional<Bodies.Body>> bodies =
        store.read(transaction -> Bodies.readFirst(transaction, ranges));
    assertThat(bodies.stream().map(body -> body.map(b -> b.json().length)))
        .containsExactly(
            Optional.empty(), Optional.of(300_001), Optional.of(300_002), Optional.of(300_003));
  }

  @Test
  void readFirst_firstIsLargerThanOneCallReads_answersIt() {
    write(REVISION, false, body(2_500_000));
    write(TestDatabases.revision("2-a"), false, body(10));
    List<Range> ranges =
        List.of(
            Tables.body("d", REVISION), Tables.body("d", TestDatabases.revision("2-a")));
    List<Optional<Bodies.Body>> bodies =
        store.read(transaction -> Bodies.readFirst(transaction, ranges));
    assertThat(bodies).hasSize(1);
    assertThat(Arrays.equals(bodies.getFirst().orElseThrow().json(), body(2_500_000))).isTrue();
  }
}
