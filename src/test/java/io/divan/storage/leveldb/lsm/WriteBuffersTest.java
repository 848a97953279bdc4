package io.divan.storage.leveldb.lsm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WriteBuffersTest {
  private static final int ROW = 200;

  private final WriteBuffers buffers = new WriteBuffers(1_000, 3_000);
  private final Semaphore tables = new Semaphore(0);
  private final List<WriteBuffers.Buffer> opened = new ArrayList<>();

  @AfterEach
  void close() {
    tables.release(1_000);
    opened.forEach(WriteBuffers.Buffer::close);
    assertThat(buffers.bytes()).isZero();
    buffers.close();
  }

  private WriteBuffers.Buffer open(Runnable flush) {
    WriteBuffers.Buffer buffer = buffers.opened(flush);
    opened.add(buffer);
    return buffer;
  }

  private void awaitBytes(long bytes) {
    while (buffers.bytes() != bytes) {
      Thread.onSpinWait();
    }
  }

  @Test
  void wrote_countsTheOverheadOfRows() {
    open(() -> {}).wrote(2, 50);
    assertThat(buffers.bytes()).isEqualTo(2 * ROW + 50);
  }

  @Test
  void wrote_limitOfOneDatabase_flushesIt() {
    AtomicInteger flushes = new AtomicInteger();
    WriteBuffers.Buffer buffer = open(flushes::incrementAndGet);
    buffer.wrote(1, 700);
    assertThat(flushes).hasValue(0);
    buffer.wrote(1, 0);
    awaitBytes(0);
    assertThat(flushes).hasValue(1);
  }

  @Test
  void wrote_halfOfTheTotalLimit_flushesTheLargest() {
    AtomicInteger large = new AtomicInteger();
    AtomicInteger small = new AtomicInteger();
    open(large::incrementAndGet).wrote(1, 700);
    open(small::incrementAndGet).wrote(1, 100);
    WriteBuffers.Buffer last = open(small::incrementAndGet);
    last.wrote(1, 100);
    last.wrote(1, 0);
    awaitBytes(300 + 300 + 200);
    assertThat(large).hasValue(1);
    assertThat(small).hasValue(0);
  }

  @Test
  void wrote_newMemtableIsFullToo_waitsForTheFlush() throws Exception {
    WriteBuffers.Buffer buffer = open(tables::acquireUninterruptibly);
    buffer.wrote(1, 900);
    CountDownLatch over = new CountDownLatch(1);
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  buffer.wrote(1, 900);
                  over.countDown();
                });
    assertThat(over.await(200, TimeUnit.MILLISECONDS)).isFalse();
    tables.release();
    writer.join();
    tables.release();
    awaitBytes(0);
    WriteBuffers.Totals totals = buffers.totals();
    assertThat(totals.bytes()).isZero();
    assertThat(totals.bytesMax()).isEqualTo(3_000);
    assertThat(totals.flushes()).isEqualTo(2);
    assertThat(totals.stalls()).isEqualTo(1);
    assertThat(totals.stalledNanos()).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(100));
  }

  @Test
  void wrote_flushFails_othersContinue() {
    WriteBuffers.Buffer failing =
        open(
            () -> {
              throw new IllegalStateException("The disk is gone");
            });
    failing.wrote(1, 900);
    awaitBytes(0);
    WriteBuffers.Buffer other = open(() -> {});
    for (int i = 0; i < 100; i++) {
      other.wrote(1, 900);
      failing.wrote(1, 900);
    }
    awaitBytes(0);
  }

  @Test
  void close_duringFlush_waitsForIt() throws Exception {
    WriteBuffers.Buffer buffer = open(tables::acquireUninterruptibly);
    buffer.wrote(1, 900);
    Thread closer = Thread.ofVirtual().start(buffer::close);
    assertThat(closer.join(Duration.ofMillis(200))).isFalse();
    tables.release();
    closer.join();
    assertThat(buffers.bytes()).isZero();
  }
}
