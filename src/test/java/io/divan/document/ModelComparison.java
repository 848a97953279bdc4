package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.divan.document.revision.Attachment;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionDiff;
import io.divan.document.revision.Sequence;
import io.divan.document.rows.Tables;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.tuple.TupleReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Asks a database everything and compares the answers with a model. */
final class ModelComparison {

  private final Database database;
  private final ModelDatabase model;
  private final Random random;
  private final boolean concurrentWriters;

  ModelComparison(Database database, ModelDatabase model, Random random) {
    this(database, model, random, false);
  }

  /**
   * Makes a comparison.
   *
   * @param concurrentWriters whether several writers edited the database at the same time
   */
  ModelComparison(
      Database database, ModelDatabase model, Random random, boolean concurrentWriters) {
    this.concurrentWriters = concurrentWriters;
    this.database = database;
    this.model = model;
    this.random = random;
  }

  void compare() {
    counters();
    bodies();
    for (String id : ModelProgram.IDS) {
      document(id);
    }
    locals();
    List<Changes.Change> changes = changesInOrder();
    for (int i = 0; i < 6; i++) {
      allDocs();
      changes(changes);
    }
    byKey();
    diff();
    open();
  }

  private void counters() {
    DatabaseInfo info = database.info();
    assertThat(
        List.of(
            info.docCount(),
            info.docDelCount(),
            info.designCount(),
            info.localCount(),
            info.sizeActive(),
            info.sizeExternal()))
        .as("counters")
        .isEqualTo(model.counters());
  }

  /** No body is kept of what is not known. */
  private void bodies() {
    Set<String> stored = new TreeSet<>();
    Optional<Range> rest = Optional.of(Range.all(Tables.REV_DATA));
    while (rest.isPresent()) {
      Range range = rest.get();
      Page page = database.store().read(transaction -> transaction.scan(range));
      page.rows().stream()
          .map(row -> new TupleReader(row.key()))
          .map(key -> key.nextString() + " " + new Revision(key.nextLong(), key.nextBytes()))
          .forEach(stored::add);
      rest = page.rest();
    }
    Set<String> expected = new TreeSet<>();
    for (ModelDocument document : model.documents.values()) {
      document.bodies.keySet().forEach(r -> expected.add(document.id + " " + r));
    }
    assertThat(stored).as("bodies").isEqualTo(expected);
  }

  private void document(String id) {
    Optional<ModelDocument> expected = model.document(id);
    ReadOptions options =
        new ReadOptions(
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean(),
            false);
    boolean deletedToo = random.nextBoolean();
    if (expected.isEmpty() || !deletedToo && expected.get().isDeleted()) {
      DocumentException.NotFound notFound =
          catchThrowableOfType(
              DocumentException.NotFound.class, () -> database.get(id, deletedToo, options));
      assertThat(notFound).hasMessage(expected.isEmpty() ? "missing" : "deleted");
    } else {
      FoundDocument found = database.get(id, deletedToo, options);
      assertThat(found.revision()).isEqualTo(expected.get().winner().toString());
      same(found.json(), winnerJson(expected.get(), options));
    }
    for (Revision revision : model.everMade(id)) {
      revision(id, expected, revision);
    }
  }

  private String winnerJson(ModelDocument document, ReadOptions options) {
    return document.open(document.winner())
        + (options.revisions() ? document.revisions(document.winner(), model.revsLimit()) : "")
        + (options.revisionsInfo() ? document.revisionsInfo() : "")
        + (options.conflicts() ? document.conflicts("_conflicts", false) : "")
        + (options.deletedConflicts() ? document.conflicts("_deleted_conflicts", true) : "")
        + document.close(document.winner());
  }

  private void revision(String id, Optional<ModelDocument> document, Revision revision) {
    if (document.isEmpty() || !document.get().bodies.containsKey(revision)) {
      assertThat(
          catchThrowableOfType(
              DocumentException.NotFound.class,
              () -> database.get(id, revision, false, ReadOptions.NONE)))
          .hasMessage("missing");
      return;
    }
    boolean leaf = document.get().paths.containsKey(revision);
    same(
        database.get(id, revision, false, ReadOptions.revisions(leaf)).json(),
        document.get().open(revision)
            + (leaf ? document.get().revisions(revision, model.revsLimit()) : "")
            + document.get().close(revision));
    contents(id, revision, document.get().bodies.get(revision).attachments());
    Revision latest = leavesFrom(document.get(), revision).getFirst();
    same(
        database.get(id, revision, true, ReadOptions.NONE).json(),
        document.get().open(latest) + document.get().close(latest));
  }

  private void contents(String id, Revision revision, List<Attachment> attachments) {
    for (Attachment attachment : attachments) {
      byte[] actual =
          TestAttachments.read(
              database, id, attachment.name(), Optional.of(revision.toString()));
      assertThat(ModelAttachments.isStored(attachment.content(), actual))
          .as(id + " " + revision + " " + attachment)
          .isTrue();
    }
  }

  private static List<Revision> leavesFrom(ModelDocument document, Revision revision) {
    return document.leaves().stream()
        .filter(leaf -> document.paths.get(leaf).contains(revision))
        .toList();
  }

  /** Bodies can be large: a failure shows their beginnings only. */
  private static void same(byte[] actual, String expected) {
    if (!Arrays.equals(actual, TestDatabases.utf8(expected))) {
      assertThat(shortened(TestDatabases.text(actual))).isEqualTo(shortened(expected));
    }
  }

  private static String shortened(String json) {
    return json.length() < 2_000 ? json : json.substring(0, 2_000) + "… " + json.length();
  }

  private void locals() {
    for (String id : List.of("_local/a", "_local/b")) {
      ModelDatabase.LocalDocument local = model.locals.get(id);
      if (local == null) {
        assertThat(
            catchThrowableOfType(
                DocumentException.NotFound.class,
                () -> database.get(id, true, ReadOptions.NONE)))
            .hasMessage("missing");
      } else {
        ModelDocument document = new ModelDocument(id);
        Revision revision = Revision.parse("0-" + local.number()).orElseThrow();
        document.bodies.put(revision, new ModelDocument.Content(false, local.body()));
        same(database.get(id, true, ReadOptions.NONE).json(), document.open(revision) + "}");
      }
    }
  }

  private void allDocs() {
    List<ModelDocument> rows = new ArrayList<>(model.listed());
    AllDocs.Query query =
        new AllDocs.Query(
            key(),
            key(),
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextInt(4) == 0 ? random.nextInt(12) : 0,
            random.nextInt(3) == 0 ? random.nextInt(5) : Long.MAX_VALUE,
            random.nextBoolean(),
            random.nextBoolean());
    if (query.descending()) {
      Collections.reverse(rows);
    }
    List<ModelDocument> expected = new ArrayList<>();
    long before = 0;
    long skip = query.skip();
    for (ModelDocument row : rows) {
      int sign = query.descending() ? -1 : 1;
      int toStart = query.startKey().map(k -> sign * ModelDatabase.BY_BYTES.compare(row.id, k))
          .orElse(1);
      int toEnd = query.endKey().map(k -> sign * ModelDatabase.BY_BYTES.compare(row.id, k))
          .orElse(-1);
      if (toStart < 0) {
        before++;
      } else if (toEnd < 0 || toEnd == 0 && query.inclusiveEnd()) {
        if (skip > 0) {
          skip--;
          before++;
        } else if (expected.size() < query.limit()) {
          expected.add(row);
        }
      }
    }
    AllDocs listing = database.allDocs(query);
    AllDocs.Header header = listing.begin();
    assertThat(header.totalRows()).contains((long) rows.size());
    assertThat(header.offset()).as(query.toString()).contains(before);
    List<AllDocs.Row> actual = new ArrayList<>();
    while (listing.hasNext()) {
      actual.addAll(listing.next());
    }
    assertThat(actual.stream().map(row -> row.id() + " " + row.revision()))
        .as(query.toString())
        .isEqualTo(expected.stream().map(row -> row.id + " " + row.winner()).toList());
    for (int i = 0; i < actual.size(); i++) {
      json(actual.get(i).json(), query.includeDocs(), query.conflicts(), expected.get(i));
    }
  }

  private Optional<String> key() {
    return switch (random.nextInt(4)) {
      case 0 -> Optional.of(ModelProgram.IDS.get(random.nextInt(ModelProgram.IDS.size())));
      case 1 -> Optional.of(List.of("", "0", "a\0", "b0", "~").get(random.nextInt(5)));
      default -> Optional.empty();
    };
  }

  private void json(
      Optional<byte[]> json, boolean asked, boolean conflicts, ModelDocument document) {
    assertThat(json.isPresent()).isEqualTo(asked);
    json.ifPresent(
        bytes -> same(bytes, winnerJson(document, ReadOptions.conflicts(conflicts))));
  }

  /** One writer numbers exactly; writers that commit at the same time can give equal numbers. */
  private void numbers(List<Changes.Change> changes) {
    List<Long> numbers = changes.stream().map(change -> change.sequence().number()).toList();
    assertThat(numbers)
        .allMatch(number -> number >= 1 && number <= database.updateSequence().number());
    if (!concurrentWriters) {
      assertThat(numbers).isSorted().doesNotHaveDuplicates();
    }
  }

  /** All changes, in the order in which batches and their documents came. */
  private List<Changes.Change> changesInOrder() {
    List<Changes.Change> changes =
        read(new Changes.Query(false, false, false, false), Sequence.ZERO, 1_000);
    List<ModelDocument> expected = model.changed();
    assertThat(changes.stream().map(Changes.Change::id))
        .as("changes")
        .isEqualTo(expected.stream().map(document -> document.id).toList());
    assertThat(changes.stream().map(change -> change.sequence().stamp()))
        .isSorted()
        .doesNotHaveDuplicates();
    numbers(changes);
    Sequence last =
        changes.isEmpty() ? Sequence.ZERO : changes.getLast().sequence();
    Sequence purge = database.info().purgeSequence();
    if (concurrentWriters) {
      assertThat(database.updateSequence().stamp())
          .isEqualTo((purge.isAfter(last) ? purge : last).stamp());
    } else if (purge.isAfter(last)) {
      assertThat(database.updateSequence().stamp()).isEqualTo(purge.stamp());
      assertThat(database.updateSequence().number()).isGreaterThan(last.number());
    } else {
      assertThat(database.updateSequence()).isEqualTo(last);
    }
    return changes;
  }

  private List<Changes.Change> read(Changes.Query query, Sequence since, int limit) {
    Changes changes = database.changes(query);
    List<Changes.Change> all = new ArrayList<>();
    Sequence from = since;
    boolean more = true;
    while (more && all.size() < limit) {
      Changes.Batch batch = changes.read(from, limit - all.size(), false);
      all.addAll(batch.changes());
      assertThat(batch.last()).isEqualTo(database.updateSequence());
      more = !batch.atEnd();
      from = all.isEmpty() ? from : all.getLast().sequence();
    }
    return all;
  }

  private void changes(List<Changes.Change> all) {
    Changes.Query query =
        new Changes.Query(
            random.nextBoolean(), random.nextBoolean(), random.nextBoolean(), random.nextBoolean());
    int at = random.nextInt(all.size() + 1);
    Sequence since = at == 0 ? Sequence.ZERO : all.get(at - 1).sequence();
    int limit = random.nextBoolean() ? 1 + random.nextInt(4) : 1_000;
    List<Changes.Change> expected = all.subList(at, all.size());
    if (query.descending()) {
      expected = (at == 0 ? all : all.subList(0, at - 1)).reversed();
    }
    int following = expected.size();
    expected = expected.subList(0, Math.min(limit, following));
    List<Changes.Change> actual = read(query, since, limit);
    assertThat(actual.stream().map(Changes.Change::sequence))
        .as(query + " since " + since)
        .isEqualTo(expected.stream().map(Changes.Change::sequence).toList());
    for (Changes.Change change : actual) {
      ModelDocument document = model.documents.get(change.id());
      assertThat(change.revisions())
          .isEqualTo(query.allLeaves() ? document.leaves() : List.of(document.winner()));
      assertThat(change.deleted()).isEqualTo(document.isDeleted());
      json(change.json(), query.includeDocs(), query.conflicts(), document);
    }
    long pending =
        database.changes(query).pending(since, at == 0 ? Optional.of(0L) : Optional.empty());
    assertThat(pending).isEqualTo(following);
  }

  private void byKey() {
    List<String> ids = new ArrayList<>();
    for (int i = random.nextInt(12); i > 0; i--) {
      ids.add(random.nextInt(8) == 0 ? "none" : ModelProgram.IDS.get(random.nextInt(8)));
    }
    boolean includeDocs = random.nextBoolean();
    boolean conflicts = random.nextBoolean();
    DocumentsByKey documents = database.byKey(ids, includeDocs, conflicts);
    List<DocumentsByKey.Row> rows = new ArrayList<>();
    while (documents.hasNext()) {
      rows.addAll(documents.next());
    }
    assertThat(rows.stream().map(DocumentsByKey.Row::id)).isEqualTo(ids);
    for (DocumentsByKey.Row row : rows) {
      Optional<ModelDocument> document = model.document(row.id());
      assertThat(row.revision())
          .isEqualTo(document.map(ModelDocument::winner).map(Revision::toString));
      boolean deleted = document.isPresent() && document.get().isDeleted();
      assertThat(row.deleted()).isEqualTo(deleted);
      if (document.isPresent() && !deleted) {
        json(row.json(), includeDocs, conflicts, document.get());
      } else {
        assertThat(row.json()).isEmpty();
      }
    }
  }

  private void diff() {
    Map<String, List<Revision>> asked = new HashMap<>();
    Map<String, Set<Revision>> missing = new HashMap<>();
    for (String id : ModelProgram.IDS) {
      List<Revision> revisions = new ArrayList<>(model.everMade(id));
      revisions.removeIf(revision -> random.nextBoolean());
      revisions.add(new Revision(1 + random.nextInt(5), new byte[] {'q'}));
      asked.put(id, revisions);
      Set<Revision> unknown = new HashSet<>(revisions);
      model.document(id).ifPresent(document -> unknown.removeAll(document.known()));
      missing.put(id, unknown);
    }
    List<RevisionDiff> diffs = database.diff(asked);
    assertThat(diffs.stream().map(RevisionDiff::id))
        .containsExactlyInAnyOrderElementsOf(ModelProgram.IDS);
    for (RevisionDiff diff : diffs) {
      assertThat(diff.missing())
          .containsExactlyInAnyOrderElementsOf(missing.get(diff.id()));
      long highest = diff.missing().stream().mapToLong(Revision::position).max().orElseThrow();
      assertThat(diff.possibleAncestors())
          .containsExactlyInAnyOrderElementsOf(
              model.document(diff.id()).map(ModelDocument::leaves).orElse(List.of()).stream()
                  .filter(leaf -> leaf.position() < highest)
                  .toList());
    }
  }

  private void open() {
    List<OpenRevisions.Request> requests = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (String id : ModelProgram.IDS) {
      List<Revision> asked = new ArrayList<>(model.everMade(id));
      asked.removeIf(revision -> random.nextBoolean());
      boolean all = random.nextInt(3) == 0;
      boolean latest = random.nextBoolean();
      requests.add(
          new OpenRevisions.Request(id, all ? Optional.empty() : Optional.of(asked), latest));
      expectOpen(requests.size() - 1, id, all, latest, asked, expected);
    }
    OpenRevisions open = database.openRevisions(requests, false);
    List<String> actual = new ArrayList<>();
    while (open.hasNext()) {
      for (OpenRevisions.Answer answer : open.next()) {
        actual.add(
            switch (answer) {
              case OpenRevisions.Answer.Found found ->
                  found.request() + shortened(TestDatabases.text(found.document().json()));
              case OpenRevisions.Answer.Missing none -> none.request() + none.revision();
              case OpenRevisions.Answer.Refused refused -> throw refused.reason();
              case OpenRevisions.Answer.NoDocument none -> none.request() + "none";
            });
      }
    }
    assertThat(actual).as(requests.toString()).isEqualTo(expected);
  }

  private void expectOpen(
      int request, String id, boolean all, boolean latest, List<Revision> asked,
      List<String> expected) {
    Optional<ModelDocument> document = model.document(id);
    if (document.isEmpty()) {
      if (all) {
        expected.add(request + "none");
      } else {
        asked.stream().sorted().forEach(revision -> expected.add(request + "" + revision));
      }
      return;
    }
    Set<Revision> found = new TreeSet<>();
    Set<Revision> missing = new TreeSet<>();
    for (Revision revision : all ? document.get().leaves() : asked) {
      List<Revision> leaves = leavesFrom(document.get(), revision);
      if (leaves.isEmpty()) {
        missing.add(revision);
      } else {
        found.addAll(latest && !all ? leaves : List.of(revision));
      }
    }
    for (Revision revision : found) {
      expected.add(
          request
              + (document.get().bodies.containsKey(revision)
                  ? shortened(
                      document.get().open(revision) + document.get().close(revision))
                  : revision.toString()));
    }
    missing.forEach(revision -> expected.add(request + "" + revision));
  }
}
