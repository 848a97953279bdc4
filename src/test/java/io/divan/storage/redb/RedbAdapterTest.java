package io.divan.storage.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.redb.ColumnType;
import io.divan.redb.Redb;
import io.divan.redb.TableDefinition;
import io.divan.redb.TableInfo;
import io.divan.redb.WriteTxn;
import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.embedded.FileAdapterTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RedbAdapterTest extends FileAdapterTest {

  @Override
  protected RedbAdapter open(int openStoresMax, Duration idleMax) {
    return new RedbAdapter(
        new RedbAdapter.Options(directory, 10_000_000, 2, openStoresMax, idleMax, now::get),
        reports::add);
  }

  @Override
  protected int openStores(StorageAdapter adapter) {
    return ((RedbAdapter) adapter).openStores();
  }

  @Override
  protected String extension() {
    return "redb";
  }

  @Override
  protected List<String> companions() {
    return List.of();
  }

  @Override
  protected void writeFormat(io.divan.storage.WriteTransaction transaction, long format) {
    ((RedbWriteTransaction) transaction).write(RedbFileRow.FORMAT, format);
  }

  @Test
  void file_tables_areTheStoresAndOurOwn() throws IOException {
    try (StorageAdapter adapter = open()) {
      put(adapter.create("a", t -> {}), 1, new byte[] {7});
    }
    try (Redb redb = Redb.open(file("a"), Redb.Options.defaults());
        var read = redb.beginRead()) {
      assertThat(read.tables())
          .extracting(TableInfo::name, TableInfo::keyType, TableInfo::valueType)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple("divan-engine", "&[u8]", "&[u8]"),
              org.assertj.core.groups.Tuple.tuple("rows", "&[u8]", "&[u8]"));
      assertThat(read.open(TableDefinition.bytes("rows")).get(key(1)))
          .hasValue(new byte[] {7});
      var own = read.open(TableDefinition.bytes("divan-engine"));
      assertThat(RedbFileRow.FORMAT.read(own)).isEqualTo(1);
      assertThat(RedbFileRow.FILE_ID.read(own)).isNotZero();
      assertThat(RedbFileRow.STAMP_CEILING.read(own))
          .isGreaterThan(now.get().getEpochSecond() * 1_000_000);
    }
  }

  private void rouchFile(Path file) {
    try (Redb redb = Redb.open(file, Redb.Options.defaults());
        WriteTxn transaction = redb.beginWrite()) {
      transaction.open(new TableDefinition<>("docs", ColumnType.STRING, ColumnType.BYTES));
      transaction.commit();
    }
  }

  @Test
  void open_rouchFile_isRefusedInOneSentence() {
    Path named = directory.resolve("a~00000001.redb");
    Path plain = directory.resolve("b.redb");
    rouchFile(named);
    rouchFile(plain);
    try (StorageAdapter adapter = open()) {
      assertThat(adapter.list(NameRange.all())).containsExactly("a");
      assertThatThrownBy(() -> has(adapter.open("a"), 1))
          .isInstanceOf(StorageException.StoreUnusable.class)
          .hasMessage(named + " is a RouchDB file: run import " + named + " --database NAME");
      assertThatThrownBy(() -> adapter.open("b"))
          .isInstanceOf(StorageException.StoreUnusable.class)
          .hasMessage(plain + " is a RouchDB file: run import " + plain + " --database NAME");
      assertThatThrownBy(() -> adapter.open("system"))
          .isInstanceOf(StorageException.DatabaseNotFound.class);
      put(adapter.create("b", t -> {}), 1, new byte[1]);
      assertThat(has(adapter.open("b"), 1)).isTrue();
      assertThatThrownBy(() -> adapter.delete("a"))
          .isInstanceOf(StorageException.StoreUnusable.class);
    }
    assertThat(named).exists();
    assertThat(plain).exists();
  }

  @Test
  void open_otherTables_isCorrupt() {
    Path file = directory.resolve("a~00000001.redb");
    try (Redb redb = Redb.open(file, Redb.Options.defaults())) {
      redb.checkIntegrity();
    }
    try (StorageAdapter adapter = open()) {
      assertThatThrownBy(() -> has(adapter.open("a"), 1))
          .isInstanceOf(StorageException.StoreCorrupt.class)
          .hasMessageContaining("This is not a Divan database");
    }
  }

  @Test
  void open_unsupportedRedbFormat_isUnusable() throws IOException {
    Path file;
    try (StorageAdapter adapter = open()) {
      adapter.create("places", t -> {});
    }
    try (Stream<Path> files = Files.list(directory)) {
      file = files.filter(each -> each.getFileName().toString().startsWith("places~"))
          .findFirst()
          .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(file);
    for (int slot = 0; slot < 2; slot++) {
      bytes[64 + slot * 128] = 2; // the version of a commit slot, docs/redb.md
    }
    Files.write(file, bytes);
    try (StorageAdapter adapter = open()) {
      Store store = adapter.open("places");
      assertThatThrownBy(() -> has(store, 1)).isInstanceOf(StorageException.StoreUnusable.class);
    }
  }
}
