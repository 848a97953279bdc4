package io.divan.storage.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.Watch;
import io.divan.storage.leveldb.ApiEngine;
import io.divan.storage.leveldb.LevelDbAdapter;
import io.divan.storage.redb.RedbAdapter;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LayeredDatabasesTest {
  private static final Table T = new Table(30, "rows");
  private static final byte[] KEY = {1};

  @TempDir Path directory;
  private LayeredDatabases adapter;

  @BeforeEach
  void open() {
    adapter =
        new LevelDbAdapter(
            new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE),
            ApiEngine.exclusive(),
            new LevelDbAdapter.Options(2, 2, Duration.ofMillis(20), InstantSource.system()),
            TransactionListener.NONE);
  }

  @AfterEach
  void close() {
    adapter.close();
  }

  private static void put(Store store, byte... value) {
    store.write(
        transaction -> {
          transaction.put(T, KEY, value);
          return 0;
        });
  }

  private void awaitHandles(int count) {
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(adapter.handleCount()).isEqualTo(count);
            });
  }

  @Test
  void open_handlesUnused_areDropped() {
    Store held = adapter.create("held", transaction -> {});
    for (int i = 0; i < 20; i++) {
      put(adapter.create("db" + i, transaction -> {}));
    }

    awaitHandles(1);

    assertThat(adapter.open("held")).isSameAs(held);
    put(adapter.open("db7"), (byte) 7);
    byte[] found =
        adapter.open("db7").read(transaction -> transaction.get(T, KEY).orElseThrow());
    assertThat(found).containsExactly(7);
    adapter.delete("db8");
    Reference.reachabilityFence(held);
  }

  @Test
  void watch_handleUnused_stillFires() throws InterruptedException {
    Watch watch =
        adapter
            .create("a", transaction -> {})
            .read(transaction -> transaction.watch(T, KEY));
    put(adapter.create("b", transaction -> {}));
    awaitHandles(1);

    put(adapter.open("a"));

    assertThat(watch.await(Duration.ofSeconds(30))).isTrue();
  }
}
