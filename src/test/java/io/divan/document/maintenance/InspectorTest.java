package io.divan.document.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.document.Changes;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.TestAttachments;
import io.divan.document.TestDatabases;
import io.divan.document.revision.AttachmentTotals;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.RevisionPathTest;
import io.divan.document.revision.Sequence;
import io.divan.document.rows.ContentRows;
import io.divan.document.rows.Tables;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.tuple.TupleText;
import io.divan.storage.tuple.TupleWriter;
import java.lang.reflect.Field;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectorTest {

  private static final Inspector.Selection ALL = selection("", "", "", Integer.MAX_VALUE);

  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final Databases databases = new Databases(adapter, Clock.systemUTC());
  private final Inspector inspector = new Inspector(adapter);

  private static Inspector.Selection selection(
      String table, String start, String prefix, int limit) {
    return new Inspector.Selection(
        table.isEmpty() ? Optional.empty() : Optional.of(table), start, prefix, limit, false);
  }

  private static List<String> all(Inspector.Lines lines) {
    List<String> all = new ArrayList<>();
    while (lines.hasMore()) {
      all.addAll(lines.next());
    }
    assertThat(lines.next()).isEmpty();
    return all;
  }

  private List<String> lines(Inspector.Selection selection) {
    return all(inspector.database("db", selection));
  }

  private Database create(String... documents) {
    databases.create("db");
    Database database = TestDatabases.open(databases, "db");
    TestDatabases.replicate(database, documents);
    return database;
  }

  private void put(Table table, byte[] key, byte[] value) {
    adapter
        .open("db")
        .write(
            transaction -> {
              transaction.put(table, key, value);
              return true;
            });
  }

  private String only(Table table, byte[] key, byte[] value) {
    adapter.create("db", transaction -> transaction.put(table, key, value));
    String line = lines(ALL).getFirst();
    adapter.delete("db");
    return line;
  }

  /** A table that is added must be shown. */
  @Test
  void tables_allOfTheDatabase_shown() throws IllegalAccessException {
    List<String> names = new ArrayList<>();
    for (Field field : Tables.class.getDeclaredFields()) {
      if (field.getType() == Table.class) {
        names.add(((Table) field.get(Tables.class)).name());
      }
    }
    assertThat(Inspector.tables()).containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void database_conflictAndTombstone_told() {
    Database database =
        create(
            "{'_id':'a','_revisions':{'start':2,'ids':['w','r']},'v':1}",
            "{'_id':'a','_revisions':{'start':2,'ids':['x','r']},'v':2}",
            "{'_id':'d','_rev':'1-t','_deleted':true}");
    List<Changes.Change> changes =
        database
            .changes(new Changes.Query(false, false, false, false))
            .read(Sequence.ZERO, 9, false)
            .changes();
    assertThat(lines(selection("docs", "", "", 9)))
        .containsExactly(
            "docs  (\"a\", true, 2, 0x77)  rev=2-w body=7 attachments=0 ancestors=1:1-r",
            "docs  (\"a\", true, 2, 0x78)  winner seq=@" + changes.get(0).sequence().stamp()
                + " leaves=2 rev=2-x body=7 attachments=0 ancestors=1:1-r",
            "docs  (\"d\", false, 1, 0x74)  winner seq=@" + changes.get(1).sequence().stamp()
                + " leaves=1 rev=1-t deleted body=2 attachments=0 ancestors=0");
    assertThat(lines(selection("rev_data", "", "", 9)))
        .containsExactly(
            "rev_data  (\"a\", 2, 0x77, 0)  bytes=7 {\"v\":1}",
            "rev_data  (\"a\", 2, 0x78, 0)  bytes=7 {\"v\":2}",
            "rev_data  (\"d\", 1, 0x74, 0)  deleted bytes=2 {}");
    assertThat(lines(selection("changes", "", "", 9)).getLast())
        .isEqualTo(
            "changes  (@" + changes.get(1).sequence().stamp()
                + ")  id=\"d\" rev=1-t deleted number=2");
  }

  @Test
  void database_manyAncestorsAndALongBody_cut() {
    String ids = "'z'" + ",'y'".repeat(12);
    create(
        "{'_id':'a','_revisions':{'start':13,'ids':[" + ids + "]},'v':'" + "é".repeat(60_000)
            + "'}");
    assertThat(lines(selection("docs", "", "", 1)).getFirst())
        .endsWith("ancestors=12:12-y,11-y,10-y,9-y,8-y,7-y,6-y,5-y,4-y,3-y,…");
    List<String> bodies = lines(selection("rev_data", "", "", 9));
    assertThat(bodies).hasSize(2);
    assertThat(bodies.get(0)).endsWith("bytes=95995 {\"v\":\"" + "é".repeat(97) + "…");
    assertThat(bodies.get(1)).contains("0x7a, 1)  bytes=24013 ").endsWith("é…");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "docs|b||9|b,bb,c",
    "docs||b|9|b,bb",
    "docs|bb|b|9|bb",
    "docs|c|b|9|''",
    "docs|||2|a,b",
    "docs|0x0262||9|b,bb,c",
    "docs||0x026262|9|bb",
    "all_docs||b|1|b"
  })
  void selection_places_limitRows(
      String table, String start, String prefix, int limit, String ids) {
    create("{'_id':'a','_rev':'1-x'}", "{'_id':'b','_rev':'1-x'}", "{'_id':'bb','_rev':'1-x'}",
        "{'_id':'c','_rev':'1-x'}");
    List<String> lines =
        lines(
            selection(table, start == null ? "" : start, prefix == null ? "" : prefix, limit));
    assertThat(lines.stream().map(line -> line.split("\"")[1]))
        .containsExactly(ids.isEmpty() ? new String[0] : ids.split(","));
  }

  @Test
  void selection_sequence_findsItsChange() {
    Database database = create("{'_id':'a','_rev':'1-x'}");
    TestDatabases.saved(database, "{'_id':'b'}");
    String last = database.updateSequence().stamp().toString();
    for (String place : List.of(last, "2-" + last, "@" + last, "0x33" + last)) {
      assertThat(lines(selection("changes", place, "", 9)))
          .singleElement()
          .asString()
          .startsWith("changes  (@" + last + ")  id=\"b\"");
    }
  }

  @Test
  void selection_prefixInAllTables_everythingOfADocument() {
    create("{'_id':'a','_rev':'1-x'}", "{'_id':'b','_rev':'1-x'}");
    assertThat(lines(selection("", "", "b", 9)).stream().map(line -> line.split(" ")[0]))
        .containsExactly("all_docs", "docs", "rev_data");
  }

  @Test
  void selection_senseless_refused() {
    assertThatThrownBy(() -> selection("", "a", "", 1)).hasMessage("A start needs a table");
    assertThatThrownBy(() -> selection("nope", "", "", 1))
        .hasMessageStartingWith("There is no table nope; there are format, ");
    assertThatThrownBy(() -> selection("docs", "", "", 0))
        .hasMessage("The limit must be at least 1, not 0");
    for (String place : List.of("0x1", "0xZZ")) {
      assertThatThrownBy(() -> selection("", "", place, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("is not an even number of hexadecimal digits");
    }
    assertThatThrownBy(() -> selection("changes", "paris", "", 1))
        .hasMessage("\"paris\" is not an even number of hexadecimal digits");
  }

  @Test
  void database_raw_everyByte() {
    byte[] value = new byte[1_000];
    adapter.create("db", transaction -> transaction.put(Tables.DOCS, new byte[] {1}, value));
    Inspector.Selection raw = new Inspector.Selection(Optional.empty(), "", "", 9, true);
    assertThat(lines(raw)).containsExactly("docs  0x01  0x" + "00".repeat(1_000));
  }

  @Test
  void database_largerThanABatch_everyRowOnce() {
    databases.create("db");
    for (int i = 0; i < 40; i++) {
      byte[] key = new TupleWriter().add("k" + (10 + i)).add(0).toBytes();
      put(Tables.LOCAL_DOCS, key, new byte[90_000]);
    }
    Inspector.Lines lines = inspector.database("db", selection("local_docs", "", "", 30));
    int batches = 0;
    List<String> keys = new ArrayList<>();
    while (lines.hasMore()) {
      batches++;
      lines.next().forEach(line -> keys.add(line.split("\"")[1]));
    }
    assertThat(keys).hasSize(30).startsWith("k10").endsWith("k39").doesNotHaveDuplicates();
    assertThat(batches).isBetween(3, 5);
  }

  @Test
  void database_newerFormat_shownAndSaid() {
    assertThat(only(Tables.FORMAT, Tables.FORMAT_KEY, new byte[] {0, 0, 0, 99}))
        .isEqualTo("format  (\"database\")  99 newer than this version reads");
  }

  @Test
  void database_unknownKeys_asBytes() {
    byte[] noTuple = {(byte) 0xFF, 0x02};
    assertThat(only(Tables.ATTACHMENTS, noTuple, new byte[] {1, 2}))
        .startsWith("attachments  0xff02  corrupt 0x0102 (");
    assertThat(only(Tables.ATTACHMENTS, noTuple, new byte[65]))
        .startsWith("attachments  0xff02  corrupt 0x" + "00".repeat(64) + "… 65 bytes (");
    byte[] kind9 = new TupleWriter().add(9).toBytes();
    assertThat(only(Tables.ATTACHMENTS, kind9, new byte[1]))
        .isEqualTo(
            "attachments  (9)  corrupt 0x00 (A row of attachments has the unknown kind 9)");
  }

  @Test
  void database_attachments_told() {
    databases.create("db");
    Database database = TestDatabases.open(databases, "db");
    byte[] large = TestAttachments.bytes(1, 100_000);
    TestAttachments.put(database, "a", Optional.empty(), "x", new byte[] {1, 2});
    TestAttachments.put(database, "b", Optional.empty(), "y z", large);
    byte[] blob = new byte[ContentRows.BLOB_ID_BYTES];
    for (long deadline : new long[] {ContentRows.REMOVING, 1_000}) {
      blob[0] = (byte) (deadline & 1);
      byte[] key = ContentRows.deadlineKey(new ContentRows.Blob(blob));
      put(Tables.ATTACHMENTS, key, ContentRows.deadline(deadline, 0));
    }

    assertThat(lines(selection("docs", "", "", 9)))
        .satisfiesExactly(
            a -> assertThat(a).contains(" attachments=1 of 2 bytes ancestors=0"),
            b -> assertThat(b).contains(" attachments=1 of 100000 bytes ancestors=0"));
    String sha256 = "0xa12871fee210fb8619291eaea194581cbd2531e4b23759d225f6806923f63222";
    assertThat(lines(selection("rev_data", "", "", 1)).getFirst())
        .endsWith(
            " references=[\"x\" \"image/png\" revpos=1 sha256=" + sha256
                + " md5-DLmI0EKn8o3V/itVs/Wseg== bytes=2] bytes=2 {}");
    assertThat(lines(selection("attachments", "", "", 99)))
        .satisfiesExactlyInAnyOrder(
            line -> assertThat(line).matches("attachments  \\(0, 0x.*, 0\\)  bytes=96000 0x.*….*"),
            line -> assertThat(line).matches("attachments  \\(0, 0x.*, 1\\)  bytes=4000 0x.*….*"),
            line -> assertThat(line)
                .matches("attachments  \\(1, 0x0.*\\)  without a content, being removed"),
            line -> assertThat(line)
                .endsWith("  without a content, removed after 1970-01-01T00:00:01Z"),
            line -> assertThat(line)
                .isEqualTo("attachments  (2, " + sha256 + ")  bytes=2 0x0102"),
            line -> assertThat(line).matches(".*\\(2, 0x.*\\)  bytes=100000 blob=0x[0-9a-f]{32}"),
            line -> assertThat(line).matches(".*\\(3, 0x.*, \"a\", 1, 0x.*\\)  reference"),
            line -> assertThat(line).matches(".*\\(3, 0x.*, \"b\", 1, 0x.*\\)  reference"));
    assertThat(lines(selection("metadata", "attachments", "", 1)).getFirst())
        .endsWith("an attachment was stored");
  }

  @Test
  void database_corruptValues_saidAndShown() {
    Leaf leaf = new Leaf(RevisionPathTest.path("1-x"), false, 7, AttachmentTotals.NONE);
    byte[] key = Tables.leafKey("a", leaf);
    assertThat(only(Tables.DOCS, key, new byte[] {9, 0}))
        .endsWith("  corrupt 0x0900 (A leaf's row has the unknown layout 9)");
    assertThat(only(Tables.DOCS, key, new byte[] {1, 0, 7, 0, -1, -1, -1, -1, 7}))
        .endsWith(
            "  corrupt 0x01000700ffffffff07"
                + " (The row of a leaf is too short for 2147483647 ancestors)");
    assertThat(only(Tables.STATS, Tables.DOC_COUNT, new byte[] {1}))
        .isEqualTo("stats  (\"doc_count\")  corrupt 0x01 (Expected 8 bytes, not 1)");
    assertThat(only(Tables.STATS, Tables.LAST_CHANGE, new byte[8]))
        .endsWith("  corrupt 0x0000000000000000 (Expected 12 bytes, not 8)");
    assertThat(only(Tables.ALL_DOCS, Tables.key("a"), new byte[0]))
        .isEqualTo("all_docs  (\"a\")  corrupt 0x (Expected more bytes at byte 0)");
    assertThat(only(Tables.METADATA, Tables.CREATED, new byte[0])).contains("  corrupt 0x (");
    assertThat(only(Tables.LOCAL_DOCS, new TupleWriter().add("l").add(0).toBytes(), new byte[1]))
        .endsWith("  corrupt 0x00 (A local document's row has the unknown layout 0)");
    byte[] bodyKey = Tables.bodyKey("a", leaf.revision(), 0);
    assertThat(only(Tables.REV_DATA, bodyKey, new byte[] {0, 127, 127, 127, 127, '{', '}'}))
        .endsWith("(The value of a row is truncated)");
  }

  /** Valid rows with bytes changed, cut off or added: each is one line, whatever it says. */
  @Test
  void database_randomDamage_neverFails() {
    long seed = Seeds.seed(20_265);
    Random random = new Random(seed);
    create("{'_id':'a','_revisions':{'start':2,'ids':['w','r']},'v':1}", "{'_id':'_local/l'}");
    List<RowText> tables = List.of(RowText.values());
    for (int round = 0; round < 2_000; round++) {
      RowText rows = tables.get(random.nextInt(tables.size()));
      List<KeyValue> stored =
          adapter.open("db").read(tx -> tx.scan(Range.all(rows.table())).rows());
      if (!stored.isEmpty()) {
        KeyValue row = stored.get(random.nextInt(stored.size()));
        byte[] key = random.nextInt(3) == 0 ? damaged(row.key(), random) : row.key();
        byte[] value = damaged(row.value(), random);
        String as = rows + " " + TupleText.hex(key) + " " + TupleText.hex(value);
        assertThat(rows.line(new KeyValue(key, value)))
            .as(as + ", " + Seeds.replay(seed))
            .startsWith(rows.table().name() + "  ")
            .doesNotContain("\n", "\u001b");
      }
    }
  }

  private static byte[] damaged(byte[] bytes, Random random) {
    byte[] damaged = Arrays.copyOf(bytes, Math.max(0, bytes.length + random.nextInt(5) - 2));
    for (int i = random.nextInt(4); i > 0 && damaged.length > 0; i--) {
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
    }
    return damaged;
  }

  @Test
  void database_unknown_notFound() {
    assertThatThrownBy(() -> inspector.database("nope", ALL))
        .isInstanceOf(StorageException.DatabaseNotFound.class);
  }

  @Test
  void system_serverUuid_shown() {
    String uuid = databases.serverUuid();
    assertThat(all(inspector.system(ALL)))
        .containsExactly("metadata  (\"uuid\")  (\"" + uuid + "\")");
  }
}
