package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Results;
import io.divan.record.Schema;
import io.divan.record.Sort;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.checked.CheckedAdapter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Continuations of queries, literally: those of this version must continue in the next one. */
class QueryContinuationTest {
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
  private static final RecordType USER =
      RecordType.of(1, "user")
          .field(1, "id", FieldType.TEXT)
          .field(2, "city", FieldType.TEXT)
          .field(3, "age", FieldType.INTEGER)
          .field(4, "note", FieldType.TEXT)
          .key("id");
  private static final Query KEYS = Query.of("user");
  private static final Query RANGES =
      Query.of("user").where(Predicate.in("city", "Oslo", "Rome"));
  private static final Query UNION = RANGES.sort(Sort.ascending("age"));
  private static final Query SORTED = Query.of("user").sort(Sort.descending("age"));

  private final TestRecords records =
      new TestRecords(
          new CheckedAdapter(new ReferenceAdapter()).create("db", transaction -> {}),
          Schema.version(1)
              .type(USER)
              .index(Index.value("city_age", "user", "city", "age")));

  @BeforeEach
  void fill() {
    put("a", "Oslo", 30);
    put("b", "Rome", 20);
    put("c", "Rome", 40);
    put("d", "Bonn", 10);
  }

  private void put(String id, String city, int age) {
    records.put(Rec.of("user").with("id", id).with("city", city).with("age", age));
  }

  private byte[] after(Query query, int rows) {
    return records
        .run(query, ReadLimits.rows(rows), Optional.empty())
        .continuation()
        .orElseThrow();
  }

  private String rest(Query query, byte[] continuation) {
    StringBuilder ids = new StringBuilder();
    records
        .run(query, ReadLimits.DEFAULT, Optional.of(continuation))
        .records()
        .forEach(rec -> ids.append(rec.text("id")));
    return ids.toString();
  }

  private void assertBytes(Query query, int rows, String bytes, String rest) {
    assertThat(HEX.formatHex(after(query, rows))).isEqualTo(bytes);
    assertThat(rest(query, HEX.parseHex(bytes))).isEqualTo(rest);
  }

  @Test
  void bytes_keys() {
    // version, kind, fingerprint, length, the key ("b"), CRC-32C
    assertBytes(KEYS, 2, "01 01 c1 d1 ce 6c e9 4a 50 60 03 02 62 00 98 45 96 09", "cd");
  }

  @Test
  void bytes_ranges() {
    // range 1, length, the row ("Rome", 20, "b")
    assertBytes(RANGES, 2,
        "01 02 2a bc 49 2d 1f df 8f 4a 01 0b 02 52 6f 6d 65 00 15 14 02 62 00 12 39 a5 20", "c");
  }

  @Test
  void bytes_union() {
    // two branches: "Oslo" has not begun, "Rome" continues after ("Rome", 20, "b")
    assertBytes(UNION, 1,
        "01 03 9f e9 fa cd cc ad 83 80 02 01 00 01 1b 01 02 8c be 7b 01 f8 2a 1e 4e 00 0b 02 52 6f"
            + " 6d 65 00 15 14 02 62 00 4f 0b b6 72 35 5e de 0a", "ac");
    // "Oslo" is finished
    assertBytes(UNION.where(Predicate.in("city", "Oslo", "Bonn")), 1,
        "01 03 d9 50 e6 e2 62 b8 bc 8f 02 01 00 00 c2 cc 5f 7a", "a");
  }

  @Test
  void bytes_sortInMemory() {
    // the key: (40 descending, "c" as bytes)
    assertBytes(SORTED.sortInMemory(10), 1,
        "01 01 71 06 dc a3 b2 0f 25 8f 09 e9 d7 ff 01 02 63 00 ff 00 28 e6 7d 98", "abd");
  }

  @Test
  void continuation_cutChangedOrOfAnotherQuery_isRefused() {
    for (Query query : List.of(KEYS, RANGES, UNION, SORTED.sortInMemory(10))) {
      byte[] bytes = after(query, 1);
      for (int length = 0; length < bytes.length; length++) {
        assertRefused(query, Arrays.copyOf(bytes, length));
      }
      for (int i = 0; i < bytes.length; i++) {
        byte[] changed = bytes.clone();
        changed[i] ^= 0x40;
        assertRefused(query, changed);
      }
      assertRefused(query, Arrays.copyOf(bytes, bytes.length + 1));
      assertRefused(query.where(Predicate.eq("city", "Oslo")), bytes);
      assertRefused(query.fields("id"), bytes);
      assertRefused(query.sort(Sort.descending("id")), bytes);
    }
  }

  private void assertRefused(Query query, byte[] continuation) {
    assertThatThrownBy(() -> rest(query, continuation))
        .isInstanceOf(RecordException.BadContinuation.class);
  }

  @Test
  void continuation_afterNewIndex_staysWithTheOldOne() {
    byte[] keys = after(SORTED.sortInMemory(10), 1);
    byte[] ranges = after(RANGES, 1);
    byte[] union = after(UNION, 1);
    records.add(Index.value("city", "user", "city"));
    assertThat(records.explain(RANGES).indexes()).containsExactly("city");
    assertThat(rest(RANGES, ranges)).isEqualTo("bc");
    assertThat(rest(UNION, union)).isEqualTo("ac");
    assertThat(rest(SORTED.sortInMemory(10), keys)).isEqualTo("abd");
  }

  @Test
  void continuation_ofAnIndexThatIsGone_isRefused() {
    byte[] ranges = after(RANGES, 1);
    byte[] union = after(UNION, 1);
    records.disable("city_age");
    assertRefused(RANGES, ranges);
    assertThatThrownBy(() -> rest(UNION, union))
        .isInstanceOf(RecordException.class);
  }

  @Test
  void continuation_afterTheRecordIsDeleted() {
    byte[] keys = after(KEYS, 2);
    byte[] ranges = after(RANGES, 2);
    records.delete("user", Key.of("b"));
    assertThat(rest(KEYS, keys)).isEqualTo("cd");
    assertThat(rest(RANGES, ranges)).isEqualTo("c");
  }

  @Test
  void run_limits() {
    Query filter = KEYS.where(Predicate.ge("age", 20));
    Results scanned = run(filter, ReadLimits.DEFAULT.scanned(1), System.nanoTime());
    assertThat(scanned.stop()).isEqualTo(Results.Stop.SCANNED);
    assertThat(scanned.scanned()).isEqualTo(1);
    Results bytes = run(filter, ReadLimits.DEFAULT.bytes(1), System.nanoTime());
    assertThat(bytes.stop()).isEqualTo(Results.Stop.BYTES);
    assertThat(bytes.records()).hasSize(1);
    assertThat(rest(filter, bytes.continuation().orElseThrow())).isEqualTo("bc");
    assertThat(run(filter, ReadLimits.rows(3), 0).stop()).isEqualTo(Results.Stop.ROWS);
    assertThat(run(filter, ReadLimits.rows(4), 0).stop()).isEqualTo(Results.Stop.END);
  }

  private Results run(Query query, ReadLimits limits, long now) {
    return records.run(query, limits, Optional.empty(), () -> now);
  }

  @Test
  void run_timeIsUp_continues() {
    for (int i = 0; i < 400; i++) {
      put("e" + (100 + i), "Bonn", i);
    }
    AtomicLong now = new AtomicLong();
    ReadLimits limits = ReadLimits.DEFAULT.time(Duration.ofNanos(1));
    Query query = KEYS.where(Predicate.eq("city", "Bonn")).sort(Sort.ascending("id"));
    List<String> ids = new ArrayList<>();
    Optional<byte[]> continuation = Optional.empty();
    int pages = 0;
    do {
      Results page = records.run(query, limits, continuation, now::incrementAndGet);
      page.records().forEach(rec -> ids.add(rec.text("id")));
      continuation = page.continuation();
      pages++;
      if (continuation.isPresent()) {
        assertThat(page.stop()).isEqualTo(Results.Stop.TIME);
      }
    } while (continuation.isPresent());
    assertThat(pages).isGreaterThan(1);
    assertThat(ids).hasSize(401).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void run_rowWithoutRecord_isDamaged() {
    records.lose("user", Key.of("a"));
    assertThatThrownBy(() -> rest(RANGES, after(RANGES, 1)))
        .isInstanceOf(RecordException.Damaged.class)
        .hasMessage("A row of index city_age has no record ['a']. Scrub the index");
  }

  @Test
  void run_tooManyRecordsToSort_isRefused() {
    assertThatThrownBy(() -> after(SORTED.sortInMemory(3), 1))
        .isInstanceOf(RecordException.NoIndexForSort.class)
        .hasMessage("More than 3 records would be sorted in memory");
    assertThatThrownBy(() -> KEYS.sortInMemory(Query.SORT_MAX + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void run_coveredFieldsTooLargeForARow_readsTheRecord() {
    records.add(Index.value("big", "user", "age").covers("note"));
    String note = "x".repeat(Contributions.COVERED_BYTES_MAX);
    records.put(Rec.of("user").with("id", "z").with("age", 99).with("note", note));
    Query query = KEYS.where(Predicate.ge("age", 40)).fields("id", "note");
    assertThat(records.explain(query).covered()).isTrue();
    assertThat(records.run(query, ReadLimits.DEFAULT, Optional.empty()).records())
        .extracting(rec -> rec.get("note").map(text -> ((String) text).length()))
        .containsExactly(Optional.empty(), Optional.of(note.length()));
  }
}
