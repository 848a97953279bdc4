package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Rec;
import io.divan.record.RecordSpace;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.storage.StorageAdapter;
import io.divan.storage.fdb.CountingDatabase;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What changes of indexed records cost on FoundationDB, in round trips before the commit. */
class FdbRecordCountTest {
  private static final int RECORDS = 50;
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
          .index(Index.value("name", "user", "name").uniquely())
          .index(Index.count("users", "user", "city"))
          .index(Index.sum("ages", "user", "age"))
          .index(Index.maxEver("oldest", "user", "age"))
          .index(Index.feed("changes", "user"));

  private final CountingDatabase counting =
      new CountingDatabase(new SimulatedFoundationDb().open());
  private final StorageAdapter adapter = counting.adapter();
  private final RecordStore users =
      RecordStore.open(
          adapter.create("db", transaction -> {}), RecordSpace.whole(), SCHEMA);

  @AfterEach
  void close() {
    adapter.close();
  }

  private CountingDatabase.Counts put(long age, boolean readFirst) {
    counting.take();
    users.write(
        transaction -> {
          for (int i = 0; i < RECORDS; i++) {
            if (readFirst && i == 0) {
              transaction.get("user", Key.of(0));
            }
            transaction.put(
                Rec.of("user")
                    .with("id", i)
                    .with("name", "n" + i)
                    .with("city", "Oslo")
                    .with("age", age));
          }
          return true;
        });
    return counting.take();
  }

  @Test
  void put_withIndexesOfEveryKind_isOneRoundTrip() {
    put(1, false);
    put(2, false); // what a new handle asks once
    CountingDatabase.Counts counts = put(3, false);
    assertThat(counts.rounds()).isEqualTo(1);
    assertThat(counts.readVersions()).isEqualTo(1);
    assertThat(counts.commits()).isEqualTo(1);
    // Each record: its chunk, its unique key, its place in the feed. Once: the greatest age.
    assertThat(counts.reads()).isEqualTo(3 * RECORDS + 1);
  }

  @Test
  void get_thenPut_isTwoRoundTrips_andReadsNoRecordTwice() {
    put(1, false);
    put(2, false);
    CountingDatabase.Counts counts = put(3, true);
    assertThat(counts.rounds()).isEqualTo(2);
    assertThat(counts.reads()).isEqualTo(3 * RECORDS + 1);
  }
}
