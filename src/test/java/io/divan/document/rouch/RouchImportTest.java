package io.divan.document.rouch;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.Changes;
import io.divan.document.Database;
import io.divan.document.DatabaseInfo;
import io.divan.document.ReadOptions;
import io.divan.document.TestAttachments;
import io.divan.document.TestDatabases;
import io.divan.document.maintenance.DatabaseCheck;
import io.divan.document.revision.Sequence;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.ObjLongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RouchImportTest {

  /** The tables of a RouchDB database, as its files have them. */
  private static final class Tables implements RouchImport.Source {
    final Map<String, String> docs = new TreeMap<>();
    final Map<String, String> revisions = new TreeMap<>();
    final Map<Long, String> changes = new TreeMap<>();
    final Map<String, String> locals = new TreeMap<>();
    final Map<String, String> attachments = new TreeMap<>();

    private static <K> Optional<byte[]> get(Map<K, String> table, K key) {
      return Optional.ofNullable(table.get(key)).map(TestDatabases::utf8);
    }

    @Override
    public Optional<byte[]> document(String id) {
      return get(docs, id);
    }

    @Override
    public Optional<byte[]> body(String id, String revision) {
      return get(revisions, id + "\0" + revision);
    }

    @Override
    public Optional<byte[]> attachment(String key) {
      return get(attachments, key);
    }

    @Override
    public Optional<byte[]> change(long sequence) {
      return get(changes, sequence);
    }

    @Override
    public void changes(ObjLongConsumer<byte[]> consumer) {
      changes.forEach((key, value) -> consumer.accept(TestDatabases.utf8(value), key));
    }

    @Override
    public void documents(BiConsumer<String, byte[]> consumer) {
      docs.forEach((key, value) -> consumer.accept(key, TestDatabases.utf8(value)));
    }

    @Override
    public void locals(BiConsumer<String, byte[]> consumer) {
      locals.forEach((key, value) -> consumer.accept(key, TestDatabases.utf8(value)));
    }
  }

  private final Tables tables = new Tables();
  private final Database database = TestDatabases.create();
  private final List<String> problems = new ArrayList<>();

  @AfterEach
  void check() {
    TestDatabases.check(database);
  }

  private RouchImport.Summary run() {
    return new RouchImport(
        tables,
        database,
        new RouchImport.Listener() {
          @Override
          public void problem(String problem) {
            problems.add(problem);
          }

          @Override
          public void read(long documents) {}
        })
        .run();
  }

  private static String quoted(String json) {
    return json.replace('\'', '"');
  }

  private static String node(String hash, String status, boolean deleted, String... children) {
    return "{'hash':'" + hash + "','status':'" + status + "','deleted':" + deleted
        + ",'children':[" + String.join(",", children) + "]}";
  }

  private static String leaf(String hash) {
    return node(hash, "available", false);
  }

  private void document(String id, long sequence, long position, String tree) {
    record(
        id, sequence, "{'rev_tree':[{'pos':" + position + ",'tree':" + tree + "}],'seq':"
            + sequence + "}");
  }

  private void record(String id, long sequence, String record) {
    tables.docs.put(id, quoted(record));
    tables.changes.put(sequence, quoted("{'doc_id':'" + id + "','deleted':false}"));
  }

  private void body(String id, String revision, String data) {
    tables.revisions.put(
        id + "\0" + revision,
        quoted("{'data':" + data + ",'deleted':" + data.equals("{}") + "}"));
  }

  private String revisions(String id) {
    return TestDatabases.get(
        database, id, new ReadOptions(true, false, true, true, false));
  }

  private List<String> changed() {
    return database
        .changes(new Changes.Query(false, false, false, false))
        .read(Sequence.ZERO, 100, false)
        .changes()
        .stream()
        .map(Changes.Change::id)
        .toList();
  }

  @Test
  void run_missingRoot_isInTheHistoryOnly() {
    document("a", 1, 1, node("aa", "missing", false, leaf("bb")));
    body("a", "2-bb", "{'n':1,'f':1.50}");
    assertThat(run()).isEqualTo(new RouchImport.Summary(1, 1, 0, 0, 0, 0));
    assertThat(revisions("a"))
        .isEqualTo(
            "{\"_id\":\"a\",\"_rev\":\"2-bb\",\"n\":1,\"f\":1.50,"
                + "\"_revisions\":{\"start\":2,\"ids\":[\"bb\",\"aa\"]}}");
    assertThat(problems).isEmpty();
  }

  @Test
  void run_conflictsAndDeletions_areAllThere() {
    document(
        "a",
        3,
        1,
        node(
            "aa",
            "available",
            false,
            leaf("bb"),
            leaf("cc"),
            node("dd", "available", true)));
    body("a", "1-aa", "{'n':0}");
    body("a", "2-bb", "{'n':1}");
    body("a", "2-cc", "{'n':2}");
    body("a", "2-dd", "{}");
    document("gone", 4, 1, node("ee", "available", true));
    body("gone", "1-ee", "{}");
    assertThat(run()).isEqualTo(new RouchImport.Summary(2, 5, 0, 0, 0, 0));
    assertThat(revisions("a"))
        .contains("\"_rev\":\"2-cc\"")
        .contains("\"_conflicts\":[\"2-bb\"]")
        .contains("\"_deleted_conflicts\":[\"2-dd\"]");
    assertThat(TestDatabases.text(
        database.get("a", TestDatabases.revision("1-aa"), false, ReadOptions.NONE).json()))
        .contains("\"n\":0");
    assertThat(revisions("gone")).contains("\"_deleted\":true");
    assertThat(database.info().docDelCount()).isEqualTo(1);
    assertThat(problems).isEmpty();
  }

  @Test
  void run_flatRecords_areReadToo() {
    record(
        "a",
        1,
        "{'revs':[{'pos':2,'hash':'bb','missing':true},{'pos':3,'hash':'cc','parent':0},"
            + "{'pos':3,'hash':'dd','parent':0,'deleted':true}],'seq':1}");
    body("a", "3-cc", "{'n':1}");
    body("a", "3-dd", "{}");
    assertThat(run().revisions()).isEqualTo(2);
    assertThat(revisions("a"))
        .contains("\"_revisions\":{\"start\":3,\"ids\":[\"cc\",\"bb\"]}")
        .contains("\"_deleted_conflicts\":[\"3-dd\"]");
  }

  @Test
  void run_twice_addsNothing() {
    document("a", 1, 1, node("aa", "available", false, leaf("bb"), leaf("cc")));
    body("a", "1-aa", "{'n':0}");
    body("a", "2-bb", "{'n':1}");
    body("a", "2-cc", "{'n':2}");
    tables.locals.put("cp", quoted("{'n':1}"));
    assertThat(run()).isEqualTo(new RouchImport.Summary(1, 3, 1, 0, 0, 0));
    DatabaseInfo before = database.info();
    TestDatabases.saved(database, "{'_id':'_local/cp','_rev':'0-1','n':2}");
    assertThat(run()).isEqualTo(new RouchImport.Summary(1, 0, 0, 0, 0, 0));
    assertThat(database.info().updateSequence()).isEqualTo(before.updateSequence());
    assertThat(TestDatabases.get(database, "_local/cp")).contains("\"n\":2");
  }

  @Test
  void run_documentsInTheOrderOfChanges_andThoseWithout() {
    document("b", 7, 1, leaf("bb"));
    document("a", 9, 1, leaf("aa"));
    document("c", 8, 1, leaf("cc"));
    document("0", 3, 1, leaf("ff"));
    tables.changes.remove(3L);
    tables.changes.put(1L, quoted("{'doc_id':'a','deleted':false}"));
    tables.changes.put(2L, quoted("{'doc_id':'purged','deleted':false}"));
    body("a", "1-aa", "{'n':1}");
    body("b", "1-bb", "{'n':1}");
    body("c", "1-cc", "{'n':1}");
    body("0", "1-ff", "{'n':1}");
    assertThat(run()).isEqualTo(new RouchImport.Summary(4, 4, 0, 0, 0, 2));
    assertThat(changed()).containsExactly("b", "c", "a", "0");
  }

  @Test
  void run_whatCannotBeRead_isToldAndTheRestImported() {
    document("a", 1, 1, node("aa", "missing", false, leaf("bb"), leaf("cc")));
    body("a", "2-bb", "{'n':1}");
    document("_odd", 2, 1, leaf("dd"));
    body("_odd", "1-dd", "{}");
    record("b", 3, "{'rev_tree':[],'seq':3}");
    document("c", 4, 1, leaf("ee"));
    body("c", "1-ee", "7");
    document("d", 5, 1, leaf("ff"));
    body("d", "1-ff", "{'_mine':1}");
    tables.changes.put(6L, "no json");
    tables.locals.put("cp", "7");
    assertThat(run()).isEqualTo(new RouchImport.Summary(4, 1, 0, 0, 0, 0));
    assertThat(problems)
        .hasSize(8)
        .anySatisfy(p -> assertThat(p).isEqualTo("a: the body of 2-cc is missing"))
        .anySatisfy(
            p -> assertThat(p)
                .isEqualTo("_odd: Only reserved document ids may start with underscore."))
        .anySatisfy(p -> assertThat(p).startsWith("b: its record cannot be read: "))
        .anySatisfy(p -> assertThat(p).isEqualTo("c: 1-ee cannot be read: the record has no body"))
        .anySatisfy(
            p -> assertThat(p)
                .isEqualTo(
                    "d: 1-ff cannot be read: Bad special document member: _mine"))
        .anySatisfy(p -> assertThat(p).startsWith("the change 6 or its document cannot be read"))
        .anySatisfy(
            p -> assertThat(p).isEqualTo("_local/cp: Document must be a JSON object"));
    assertThat(revisions("a")).contains("\"_rev\":\"2-bb\"").doesNotContain("_conflicts");
  }

  private void attached(String id, String revision, String attachments) {
    tables.revisions.put(
        id + "\0" + revision,
        quoted("{'deleted':false,'attachments':{" + attachments + "},'data':{'n':1}}"));
  }

  private static String named(String name, String text, String type) {
    return "'" + name + "':{'content_type':'" + type + "','digest':'" + digest(text)
        + "','length':" + text.length() + ",'more':[{}]}";
  }

  private static String digest(String text) {
    try {
      byte[] md5 = MessageDigest.getInstance("MD5").digest(TestDatabases.utf8(text));
      return "md5-" + Base64.getEncoder().encodeToString(md5);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private String read(String id, String name, String revision) {
    return TestDatabases.text(
        TestAttachments.read(database, id, name, Optional.of(revision)));
  }

  @Test
  void run_attachments_areImported() {
    document("a", 1, 1, node("aa", "available", false, leaf("bb")));
    attached("a", "1-aa", named("x", "old", "image/png"));
    attached("a", "2-bb", named("x", "new", "image/png") + "," + named("y", "large", "t/y"));
    tables.attachments.put("a\0x", "new");
    tables.attachments.put(digest("large"), "large");
    document("b", 2, 1, leaf("cc"));
    attached("b", "1-cc", named("z", "new", "image/gif") + ",'q':7");
    tables.attachments.put(digest("new"), "new");
    assertThat(run()).isEqualTo(new RouchImport.Summary(2, 3, 0, 3, 1, 0));
    assertThat(problems).isEmpty();
    assertThat(read("a", "x", "2-bb")).isEqualTo("new");
    assertThat(read("a", "y", "2-bb")).isEqualTo("large");
    assertThat(read("b", "z", "1-cc")).isEqualTo("new");
    assertThat(revisions("b"))
        .contains("\"_attachments\":{\"z\":{\"content_type\":\"image/gif\",\"revpos\":1,");
    assertThat(TestDatabases.text(
        database.get("a", TestDatabases.revision("1-aa"), false, ReadOptions.NONE).json()))
        .doesNotContain("_attachments"); // its content was replaced
    assertThat(TestAttachments.rows(database.store())).containsExactly(2L, 3L, 0L, 0L);
    assertThat(run()).isEqualTo(new RouchImport.Summary(2, 0, 0, 0, 0, 0));
  }

  @Test
  void run_largeAttachments_areImportedOnceEach() {
    String text = "x".repeat(2_500_000);
    for (int i = 0; i < 5; i++) {
      document("a" + i, i + 1, 1, leaf("a" + i));
      attached("a" + i, "1-a" + i, named("x", text + i % 2, "image/png"));
      tables.attachments.put(digest(text + i % 2), text + i % 2);
    }
    assertThat(run()).isEqualTo(new RouchImport.Summary(5, 5, 0, 5, 0, 0));
    assertThat(read("a4", "x", "1-a4")).isEqualTo(text + "0");
    assertThat(TestAttachments.rows(database.store()).subList(0, 2)).containsExactly(2L, 5L);
    assertThat(DatabaseCheck.problems(database, true)).isEmpty();
  }

  @Test
  void run_attachmentOfALeafWithoutContent_isReported() {
    document("a", 1, 1, leaf("aa"));
    attached("a", "1-aa", named("x", "gone", "image/png"));
    assertThat(run()).isEqualTo(new RouchImport.Summary(1, 1, 0, 0, 0, 0));
    assertThat(problems)
        .containsExactly(
            "a: 1-aa is imported without its attachment x, whose content is missing");
    assertThat(revisions("a")).contains("\"n\":1").doesNotContain("_attachments");
  }

  @Test
  void run_localDocumentsAmongOthers_areLocal() {
    document("_local/x", 1, 1, leaf("aa"));
    body("_local/x", "1-aa", "{'n':1}");
    document("_local/gone", 2, 1, node("bb", "available", true));
    body("_local/gone", "1-bb", "{}");
    tables.locals.put("y", quoted("{'_id':'_local/y','_rev':'0-3','n':2}"));
    assertThat(run()).isEqualTo(new RouchImport.Summary(2, 0, 2, 0, 0, 0));
    assertThat(TestDatabases.get(database, "_local/x")).contains("\"n\":1");
    assertThat(TestDatabases.get(database, "_local/y")).contains("\"n\":2");
    assertThat(database.info().localCount()).isEqualTo(2);
  }

  @Test
  void run_thousandsOfGenerations_historyIsThere() {
    int generations = 5_000;
    StringBuilder tree = new StringBuilder();
    for (int i = 1; i < generations; i++) {
      tree.append("{'hash':'h").append(i)
          .append("','status':'missing','deleted':false,'children':[");
    }
    tree.append(leaf("last"));
    tree.append("]}".repeat(generations - 1));
    document("a", 1, 1, tree.toString());
    body("a", generations + "-last", "{'n':1}");
    assertThat(run().revisions()).isEqualTo(1);
    assertThat(revisions("a"))
        .contains("\"start\":5000,\"ids\":[\"last\",\"h4999\"")
        .endsWith("\"h4001\"]}}");
    assertThat(problems).isEmpty();
  }

  @Test
  void run_manyDocuments_allAndOnce() {
    for (int i = 0; i < 1_234; i++) {
      document("doc" + i, i + 1, 1, leaf("aa"));
      body("doc" + i, "1-aa", "{'text':'" + "x".repeat(i) + "'}");
    }
    assertThat(run()).isEqualTo(new RouchImport.Summary(1_234, 1_234, 0, 0, 0, 0));
    assertThat(database.info().docCount()).isEqualTo(1_234);
    assertThat(run().revisions()).isZero();
  }
}
