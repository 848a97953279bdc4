package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.document.rows.Tables;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnusableDatabaseTest {
  @TempDir Path directory;

  private static void createNewer(Service service) {
    Store store = service.part(StorageAdapter.class).create("newer", transaction -> {});
    byte[] newer = ByteBuffer.allocate(4).putInt(Tables.FORMAT_NUMBER + 1).array();
    store.write(
        transaction -> {
          transaction.put(Tables.FORMAT, Tables.FORMAT_KEY, newer);
          return true;
        });
  }

  @Test
  void dbsInfo_newerFormat_listsTheOtherDatabases() {
    try (Service service = Service.start(directory, "--divan.storage.backend=memory")) {
      createNewer(service);
      assertThat(service.http().put("/older", "").status()).isEqualTo(201);
      String newer = "{\"key\":\"newer\",\"error\":\"storage_unusable\"}";

      HttpAnswer all = service.http().get("/_dbs_info?start_key=\"a\"");
      HttpAnswer chosen = service.http().post("/_dbs_info", "{\"keys\":[\"newer\",\"older\"]}");

      for (HttpAnswer answer : List.of(all, chosen)) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).startsWith("[" + newer + ",{\"key\":\"older\",\"info\":{");
      }
    }
  }

  @Test
  void get_newerFormat_isStorageUnusable() {
    try (Service service = Service.start(directory, "--divan.storage.backend=memory")) {
      createNewer(service);

      HttpAnswer answer = service.http().get("/newer");

      assertThat(answer.status()).isEqualTo(500);
      assertThat(answer.header("Retry-After")).isEmpty();
      assertThat(answer.json().get("error").stringValue()).isEqualTo("storage_unusable");
      assertThat(answer.json().get("reason").stringValue())
          .contains("has format " + (Tables.FORMAT_NUMBER + 1))
          .contains("open it with the version that wrote it")
          .contains("(ref " + answer.header("X-Couch-Request-ID").orElseThrow() + ")");
    }
  }
}
