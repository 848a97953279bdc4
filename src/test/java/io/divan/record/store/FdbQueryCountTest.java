package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordSpace;
import io.divan.record.RecordType;
import io.divan.record.Results;
import io.divan.record.Schema;
import io.divan.record.Sort;
import io.divan.storage.StorageAdapter;
import io.divan.storage.fdb.CountingDatabase;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What queries cost on FoundationDB, in round trips. */
class FdbQueryCountTest {
  private static final int USERS = 1_000;
  private static final Schema SCHEMA =
      Schema.version(1)
          .type(
              RecordType.of(1, "user")
                  .field(1, "id", FieldType.INTEGER)
                  .field(2, "name", FieldType.TEXT)
                  .field(3, "city", FieldType.TEXT)
                  .field(4, "age", FieldType.INTEGER)
                  .key("id"))
          .index(Index.value("city", "user", "city"))
          .index(Index.value("age", "user", "age").covers("name"))
          .index(Index.value("name", "user", "name").uniquely());

  private final CountingDatabase counting =
      new CountingDatabase(new SimulatedFoundationDb().open());
  private final StorageAdapter adapter = counting.adapter();
  private final RecordStore users =
      RecordStore.open(
          adapter.create("db", transaction -> {}), RecordSpace.whole(), SCHEMA);

  @BeforeEach
  void fill() {
    users.write(
        transaction -> {
          for (int i = 0; i < USERS; i++) {
            transaction.put(
                Rec.of("user")
                    .with("id", i)
                    .with("name", "n" + i)
                    .with("city", "c" + i % 5)
                    .with("age", i % 100));
          }
          return true;
        });
    users.run(Query.of("user"), ReadLimits.rows(1), Optional.empty()); // what it asks once
  }

  @AfterEach
  void close() {
    adapter.close();
  }

  /** Returns the cost of a page of at most 100 records, which it must have. */
  private CountingDatabase.Counts page(Query query, int records) {
    counting.take();
    Results results = users.run(query, ReadLimits.rows(100), Optional.empty());
    CountingDatabase.Counts counts = counting.take();
    assertThat(results.records()).hasSize(records);
    assertThat(counts.readVersions()).isEqualTo(1);
    return counts;
  }

  @Test
  void point_byKey_isOneRoundTrip() {
    CountingDatabase.Counts counts = page(Query.of("user").where(Predicate.eq("id", 7)), 1);
    assertThat(counts.rounds()).isEqualTo(1);
    assertThat(counts.reads()).isEqualTo(1);
  }

  @Test
  void point_byIndex_isTwoRoundTrips() {
    CountingDatabase.Counts counts = page(Query.of("user").where(Predicate.eq("name", "n7")), 1);
    assertThat(counts.rounds()).isEqualTo(2);
    assertThat(counts.reads()).isEqualTo(2);
  }

  @Test
  void range_covered_isOneRoundTrip() {
    Query query = Query.of("user").where(Predicate.between("age", 20, 60)).fields("name", "age");
    CountingDatabase.Counts counts = page(query, 100);
    assertThat(counts.rounds()).isEqualTo(1);
    assertThat(counts.reads()).isEqualTo(1);
  }

  @Test
  void range_byIndex_readsAllRecordsOfThePageInTheSecondRoundTrip() {
    CountingDatabase.Counts counts =
        page(Query.of("user").where(Predicate.eq("city", "c3")), 100);
    assertThat(counts.rounds()).isEqualTo(2);
    assertThat(counts.reads()).isEqualTo(1 + 100);
  }

  @Test
  void union_ofFiveIndexRanges_readsThemInOneRoundTrip() {
    Query query =
        Query.of("user")
            .where(
                Predicate.or(
                    Predicate.eq("city", "c1"),
                    Predicate.eq("city", "c2"),
                    Predicate.eq("age", 5),
                    Predicate.eq("age", 6),
                    Predicate.eq("name", "n8")));
    assertThat(users.explain(query).text()).startsWith("merge by key");
    CountingDatabase.Counts counts = page(query, 100);
    assertThat(counts.rounds()).isEqualTo(2);
    assertThat(counts.reads()).isEqualTo(5 + 100);
  }

  @Test
  void union_inDifferentOrders_readsThemInOneRoundTrip() {
    Query query =
        Query.of("user")
            .where(
                Predicate.or(
                    Predicate.lt("name", "n10"),
                    Predicate.gt("age", 98),
                    Predicate.eq("id", 700),
                    Predicate.eq("city", "c9"),
                    Predicate.lt("id", 5)));
    assertThat(users.explain(query).text()).startsWith("one by one");
    CountingDatabase.Counts counts = page(query, 16);
    assertThat(counts.rounds()).isLessThanOrEqualTo(2 + 2);
    assertThat(counts.reads()).isLessThan(5 + 2 * 16);
  }

  @Test
  void ranges_ofKeys_areReadInOneRoundTrip() {
    Query query =
        Query.of("user")
            .where(Predicate.or(Predicate.lt("id", 3), Predicate.gt("id", 990)))
            .sort(Sort.ascending("id"));
    assertThat(page(query, 12).rounds()).isEqualTo(1);
  }

  @Test
  void values_ofAnIndex_areReadInOneRoundTrip() {
    Query query =
        Query.of("user").where(Predicate.in("age", 1, 3, 5, 7)).fields("id", "name", "age");
    assertThat(page(query, 40).rounds()).isEqualTo(1);
  }
}
