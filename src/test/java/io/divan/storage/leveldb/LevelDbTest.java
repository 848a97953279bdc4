package io.divan.storage.leveldb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.StorageException;
import io.divan.storage.Store;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.Range;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.Snapshot;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.junit.jupiter.api.Test;

class LevelDbTest extends LevelDbFixture {

  @Test
  void putGetAndDelete_affectOnlyTheKey() {
    put(db, "a=1", "=empty key", "b=");
    assertThat(get(db, "a")).hasValue("1");
    assertThat(get(db, "")).hasValue("empty key");
    assertThat(get(db, "b")).hasValue("");
    assertThat(db.get(bytes("c"))).isNull();
    db.delete(bytes("a"));
    db.delete(bytes("absent"));
    assertThat(rows(db)).containsExactly("=empty key", "b=");
  }

  @Test
  void write_batch_isOneTransactionInOrder() throws IOException {
    put(db, "a=1");
    List<Integer> commits = new ArrayList<>();
    LevelDb counted =
        LevelDb.open(
            store, new Options(), options.fence(transaction -> commits.add(commits.size())));
    try (WriteBatch batch = counted.createWriteBatch()) {
      batch.put(bytes("b"), bytes("1")).delete(bytes("a")).put(bytes("b"), bytes("2"));
      assertThat(batch.size()).isEqualTo(3);
      assertThat(batch.getApproximateSize()).isPositive();
      counted.write(batch, new WriteOptions().sync(false));
    }
    assertThat(commits).hasSize(1);
    assertThat(rows(db)).containsExactly("b=2");
    assertThatIllegalArgumentException().isThrownBy(() -> db.write(new OtherBatch()));
  }

  private static final class OtherBatch implements WriteBatch {
    @Override
    public int getApproximateSize() {
      return 0;
    }

    @Override
    public int size() {
      return 0;
    }

    @Override
    public WriteBatch put(byte[] key, byte[] value) {
      return this;
    }

    @Override
    public WriteBatch delete(byte[] key) {
      return this;
    }

    @Override
    public void close() {}
  }

  @Test
  void write_tooLarge_reportsTheLimit() {
    byte[] large = new byte[100_000];
    db.put(new byte[8_192], large);
    assertThatExceptionOfType(DBException.class)
        .isThrownBy(() -> db.put(new byte[8_193], new byte[0]))
        .withMessage("A key has 8193 bytes; the maximum is 8192")
        .withCauseInstanceOf(StorageException.LimitExceeded.class);
    assertThatExceptionOfType(DBException.class)
        .isThrownBy(() -> db.put(bytes("a"), new byte[100_001]))
        .withMessage("A value has 100001 bytes; the maximum is 100000");
    WriteBatch batch = db.createWriteBatch();
    for (int i = 0; i < 90; i++) {
      batch.put(bytes("key" + i), large);
    }
    assertThatExceptionOfType(DBException.class)
        .isThrownBy(() -> db.write(batch))
        .withMessageMatching("A transaction has 9007\\d+ bytes; the maximum is 9000000");
    assertThat(db.page(LevelDbCursor.all(), 10).rows()).hasSize(1);
  }

  @Test
  void iterator_bothDirections_continuesFromItsPosition() {
    put(db, "a=1", "b=2", "c=3");
    try (DBIterator iterator = db.iterator()) {
      assertThat(iterator.hasPrev()).isFalse();
      assertThat(text(iterator.peekNext())).isEqualTo("a=1");
      assertThat(text(iterator.next())).isEqualTo("a=1");
      assertThat(text(iterator.next())).isEqualTo("b=2");
      assertThat(text(iterator.peekPrev())).isEqualTo("b=2");
      assertThat(text(iterator.prev())).isEqualTo("b=2");
      assertThat(text(iterator.prev())).isEqualTo("a=1");
      assertThat(iterator.hasPrev()).isFalse();
      assertThatThrownBy(iterator::prev).isInstanceOf(NoSuchElementException.class);
      assertThat(rest(iterator)).containsExactly("a=1", "b=2", "c=3");
      assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
      assertThat(iterator.hasPrev()).isFalse();

      iterator.seekToLast();
      assertThat(text(iterator.peekNext())).isEqualTo("c=3");
      assertThat(text(iterator.prev())).isEqualTo("b=2");
      iterator.seekToFirst();
      assertThat(text(iterator.next())).isEqualTo("a=1");
      iterator.seek(bytes("bb"));
      assertThat(text(iterator.prev())).isEqualTo("b=2");
      iterator.seek(bytes("b"));
      assertThat(rest(iterator)).containsExactly("b=2", "c=3");
      iterator.seek(new byte[20_000]);
      assertThat(text(iterator.next())).isEqualTo("a=1");
      iterator.seek(bytes("d"));
      assertThat(iterator.hasNext()).isFalse();
      assertThatThrownBy(iterator::prev).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void iterator_manyPages_returnsEveryRowOnceInBothDirections() {
    WriteBatch batch = db.createWriteBatch();
    List<String> expected = new ArrayList<>();
    for (int i = 10_000; i < 16_000; i++) {
      batch.put(bytes("k" + i), bytes("" + i));
      expected.add("k" + i + "=" + i);
    }
    db.write(batch);
    assertThat(rows(db)).isEqualTo(expected);
    List<String> backwards = new ArrayList<>();
    try (DBIterator iterator = db.iterator()) {
      iterator.seekToLast();
      backwards.add(text(iterator.peekNext()));
      while (iterator.hasPrev()) {
        backwards.add(text(iterator.prev()));
      }
    }
    assertThat(backwards.reversed()).isEqualTo(expected);
  }

  @Test
  void iterator_concurrentWrites_seesThemOrItsSnapshot() throws IOException {
    for (int i = 100; i < 200; i++) {
      put(db, "k" + i + "=old");
    }
    LevelDb fixed =
        LevelDb.open(
            store, new Options(), options.iterators(LevelDbOptions.Iterators.SNAPSHOT));
    try (DBIterator continuing = db.iterator();
        DBIterator ofOneMoment = fixed.iterator()) {
      continuing.next();
      ofOneMoment.next();
      put(db, "k199=new", "k300=new");
      assertThat(rest(continuing)).endsWith("k199=new", "k300=new").hasSize(100);
      assertThat(rest(ofOneMoment)).endsWith("k198=old", "k199=old").hasSize(99);
    }
    fixed.close();
  }

  @Test
  void snapshot_laterWrites_areNotVisible() throws IOException {
    put(db, "color=red", "shape=round");
    try (Snapshot snapshot = db.getSnapshot()) {
      ReadOptions then = new ReadOptions().snapshot(snapshot);
      put(db, "color=blue", "new=1");
      db.delete(bytes("shape"));
      assertThat(rows(db, then)).containsExactly("color=red", "shape=round");
      assertThat(get(db, "color", then)).hasValue("red");
      assertThat(rows(db)).containsExactly("color=blue", "new=1");
      try (LevelDb another = other("another", options)) {
        assertThatIllegalArgumentException().isThrownBy(() -> another.get(bytes("a"), then));
      }
    }
    Snapshot after = db.put(bytes("a"), bytes("1"), new WriteOptions().snapshot(true));
    put(db, "a=2");
    ReadOptions then = new ReadOptions().snapshot(after);
    assertThat(get(db, "a", then)).hasValue("1");
    after.close();
    assertThatExceptionOfType(DBException.class)
        .isThrownBy(() -> get(db, "a", then))
        .withMessage("The snapshot is closed");
    assertThat(db.delete(bytes("a"), new WriteOptions())).isNull();
  }

  @Test
  void estimatedBytes_smallRange_isExact() {
    put(db, "a=12345", "b=12345", "c=");
    assertThat(db.estimatedBytes(LevelDbCursor.all())).isEqualTo(13);
    assertThat(db.getApproximateSizes(range("a", "b"), range("a", "d"), range("x", "y")))
        .containsExactly(6, 13, 0);
    db.put(bytes("d"), new byte[100_000]);
    assertThat(db.estimatedBytes(LevelDbCursor.prefix(bytes("d")))).isEqualTo(100_001);
  }

  private static Range range(String start, String limit) {
    return new Range(bytes(start), bytes(limit));
  }

  @Test
  void propertiesAndCompactions_reportNoFiles() throws InterruptedException {
    put(db, "a=1");
    db.compactRange(null, null);
    db.suspendCompactions();
    db.resumeCompactions();
    assertThat(db.getProperty("leveldb.num-files-at-level0")).isEqualTo("0");
    assertThat(db.getProperty("leveldb.num-files-at-level7")).isNull();
    assertThat(db.getProperty("leveldb.stats")).contains("Compactions: none");
    assertThat(db.getProperty("leveldb.sstables")).isEmpty();
    assertThat(db.getProperty("leveldb.approximate-memory-usage")).isEqualTo("0");
    assertThat(db.getProperty("nope")).isNull();
    assertThat(rows(db)).containsExactly("a=1");
  }

  @Test
  void open_contraryToTheOptions_isRejected() {
    Options other = new Options().comparator(new NamedComparator("mine", 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LevelDb.open(store, other, options))
        .withMessage("mine does not match existing comparator leveldb.BytewiseComparator");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LevelDb.open(
                store,
                new Options().comparator(new NamedComparator("back", -1)),
                options))
        .withMessageContaining("does not sort keys as unsigned bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LevelDb.open(store, new Options().errorIfExists(true), options))
        .withMessageContaining("exists");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LevelDb.open(store, new Options(), options.expiring(Optional.empty())))
        .withMessageContaining("values of this database do not expire");
    Store empty = adapter.create("empty", transaction -> {});
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> LevelDb.open(empty, new Options().createIfMissing(false), options))
        .withMessageContaining("does not exist");
  }

  @Test
  void open_sameComparator_findsTheRows() throws IOException {
    Options mine = new Options().comparator(new NamedComparator("mine", 1));
    Store empty = adapter.create("empty", transaction -> {});
    try (LevelDb first = LevelDb.open(empty, mine, options)) {
      put(first, "a=1");
    }
    try (LevelDb second = LevelDb.open(empty, mine, options)) {
      assertThat(rows(second)).containsExactly("a=1");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LevelDb.open(empty, new Options(), options));
  }

  @Test
  void close_rejectsAllLaterCalls() throws IOException {
    Snapshot snapshot = db.getSnapshot();
    DBIterator iterator = db.iterator();
    db.close();
    db.close();
    snapshot.close();
    List<Runnable> uses =
        List.of(
            () -> db.get(bytes("a")),
            () -> db.put(bytes("a"), bytes("1")),
            iterator::hasNext,
            db::iterator,
            db::getSnapshot,
            () -> db.getProperty("leveldb.stats"),
            () -> db.compactRange(null, null),
            db::sweep);
    for (Runnable use : uses) {
      assertThatExceptionOfType(DBException.class)
          .isThrownBy(use::run)
          .withMessage("The database is closed; open it again");
    }
    iterator.close();
    assertThatExceptionOfType(DBException.class).isThrownBy(iterator::hasNext);
  }

  @Test
  void fence_throws_rejectsWritesButNotReads() throws IOException {
    put(db, "a=1");
    LevelDb fenced =
        LevelDb.open(
            store,
            new Options(),
            options.fence(
                transaction -> {
                  throw new StorageException.StoreUnavailable("lost");
                }));
    for (Runnable write : List.<Runnable>of(
        () -> put(fenced, "a=2"),
        () -> fenced.delete(bytes("a")),
        () -> fenced.compareAndSet(bytes("a"), Optional.empty(), Optional.empty()),
        () -> fenced.transact(transaction -> transaction.get(bytes("a"))),
        fenced::sweep)) {
      assertThatExceptionOfType(DBException.class).isThrownBy(write::run).withMessage("lost");
    }
    assertThat(rows(fenced)).containsExactly("a=1");
    fenced.close();
  }

  @Test
  void factory_opensAndDestroysByPath() throws IOException {
    LevelDbFactory factory = new LevelDbFactory(adapter, options);
    File path = new File("tenants", "one");
    assertThatIOException()
        .isThrownBy(() -> factory.open(path, new Options().createIfMissing(false)))
        .withMessageContaining("does not exist");
    for (int i = 0; i < 2; i++) {
      try (DB opened = factory.open(path, new Options())) {
        put(opened, "run" + i + "=1");
        assertThat(rows(opened)).hasSize(i + 1);
      }
    }
    factory.repair(path, new Options());
    assertThatIOException()
        .isThrownBy(() -> factory.open(path, new Options().errorIfExists(true)))
        .withMessageContaining("exists");
    Options mine = new Options().comparator(new NamedComparator("mine", 1));
    assertThatIOException()
        .isThrownBy(() -> factory.open(path, mine))
        .withCauseInstanceOf(IllegalArgumentException.class);
    factory.destroy(path, new Options());
    factory.destroy(path, new Options());
    assertThatIOException().isThrownBy(() -> factory.repair(path, new Options()));
  }

  @Test
  void logger_logsOpeningAndClosing() throws IOException {
    List<String> lines = new ArrayList<>();
    LevelDb.open(store, new Options().logger(lines::add), options).close();
    assertThat(lines)
        .containsExactly("LevelDB database db opened", "LevelDB database db closed");
  }
}
