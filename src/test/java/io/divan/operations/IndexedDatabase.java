package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.background.ActiveTasks;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskLeases;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentParser;
import io.divan.document.Principal;
import io.divan.document.UpdateResult;
import io.divan.json.CollatedKeys;
import io.divan.query.index.DatabaseIndexes;
import io.divan.query.index.IndexBuilds;
import io.divan.query.index.IndexReader;
import io.divan.query.plan.KeyRange;
import io.divan.record.index.IndexScan;
import io.divan.storage.StorageAdapter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** A database with one index, in a storage that the terminal commands use afterwards. */
final class IndexedDatabase {
  private static final KeyRange ALL =
      new KeyRange(new byte[0], new byte[] {CollatedKeys.ABOVE_ALL});

  private IndexedDatabase() {}

  /** Creates a database with documents and a readable index of one field; closes the storage. */
  static void create(StorageAdapter storage, String name, String field, String... documents)
      throws InterruptedException {
    BackgroundTasks tasks =
        new BackgroundTasks(TaskLeases.exclusive(), new ActiveTasks(Clock.systemUTC()));
    try (storage;
        tasks;
        IndexBuilds builds = new IndexBuilds(tasks)) {
      Databases databases = new Databases(storage, Clock.systemUTC(), builds, builds.hooks());
      databases.create(name);
      Database database = databases.open(name, Principal.SERVER_ADMIN);
      for (String document : documents) {
        save(database, document);
      }
      save(
          database,
          "{'_id':'_design/i','language':'query','views':{'v':{'map':{'fields':{'" + field
              + "':'asc'}},'options':{'def':{}}}}}");
      DatabaseIndexes indexes = database.settings().derived(DatabaseIndexes.VALUE);
      assertThat(
          builds.await(database, indexes.definitions().getFirst(), Duration.ofSeconds(30)))
          .isTrue();
    }
  }

  private static void save(Database database, String document) {
    byte[] json = document.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    assertThat(database.update(List.of(new DocumentParser().parse(json))))
        .hasOnlyElementsOfType(UpdateResult.Saved.class);
  }

  /** Returns the number of rows, up to 1,000, of the index, and closes the storage. */
  static int rows(StorageAdapter storage, String name) {
    try (storage) {
      Database database =
          new Databases(storage, Clock.systemUTC()).open(name, Principal.SERVER_ADMIN);
      DatabaseIndexes indexes = database.settings().derived(DatabaseIndexes.VALUE);
      IndexReader reader = indexes.reader(indexes.definitions().getFirst()).orElseThrow();
      return database.read(
          transaction -> reader
              .read(transaction, List.of(ALL), false, IndexScan.Position.START, 1_000)
              .rows()
              .size());
    }
  }
}
