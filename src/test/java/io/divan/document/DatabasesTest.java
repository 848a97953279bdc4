package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.document.maintenance.DatabaseCheck;
import io.divan.document.rows.Tables;
import io.divan.storage.NameRange;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.checked.CheckedAdapter;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class DatabasesTest {

  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final Databases databases =
      new Databases(adapter, Clock.fixed(Instant.ofEpochSecond(1_234), ZoneOffset.UTC));

  @Test
  void create_new_hasUuidAndTime() {
    databases.create("a");
    databases.create("b");
    DatabaseInfo info = databases.open("a").info();
    assertThat(info.name()).isEqualTo("a");
    assertThat(info.createdSeconds()).isEqualTo(1_234);
    assertThat(info.uuid()).matches("[0-9a-f]{32}");
    assertThat(info.uuid()).isNotEqualTo(databases.open("b").info().uuid());
    assertThat(databases.list(NameRange.all())).containsExactly("a", "b");
    assertThat(DatabaseCheck.problems(databases.open("a"))).isEmpty();
  }

  @Test
  void create_existing_refused() {
    databases.create("a");
    assertThatExceptionOfType(StorageException.DatabaseExists.class)
        .isThrownBy(() -> databases.create("a"));
  }

  @Test
  void open_again_sameHandle() {
    databases.create("a");
    assertThat(databases.open("a")).isSameAs(databases.open("a"));
  }

  @Test
  void open_deletedAndCreatedAgain_anotherDatabase() {
    databases.create("a");
    Database old = databases.open("a");
    TestDatabases.saved(old, "{'_id':'x'}");
    String uuid = old.info().uuid();
    // By another service over the same storage, so that this one has the old handle still.
    new Databases(adapter, Clock.systemUTC()).delete("a");
    new Databases(adapter, Clock.systemUTC()).create("a");
    assertThat(databases.open("a").info().uuid()).isNotEqualTo(uuid);
    assertThat(databases.open("a").info().docCount()).isZero();
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> TestDatabases.update(old, "{'_id':'y'}"));
  }

  @Test
  void open_deleted_notFound() {
    databases.create("a");
    databases.open("a");
    databases.delete("a");
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> databases.open("a"));
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> databases.delete("a"));
  }

  @Test
  void open_newerFormat_refused() {
    databases.create("a");
    byte[] newer = ByteBuffer.allocate(4).putInt(Tables.FORMAT_NUMBER + 1).array();
    adapter
        .open("a")
        .write(
            transaction -> {
              transaction.put(Tables.FORMAT, Tables.FORMAT_KEY, newer);
              return true;
            });
    assertThatExceptionOfType(StorageException.StoreUnusable.class)
        .isThrownBy(() -> databases.open("a"))
        .withMessageContaining("has format " + (Tables.FORMAT_NUMBER + 1));
  }

  @Test
  void serverUuid_anyService_sameOverOneStorage() {
    String uuid = databases.serverUuid();
    assertThat(uuid).matches("[0-9a-f]{32}");
    assertThat(new Databases(adapter, Clock.systemUTC()).serverUuid()).isEqualTo(uuid);
  }
}
