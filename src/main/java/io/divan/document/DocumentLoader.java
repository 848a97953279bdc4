package io.divan.document;

import io.divan.document.revision.Revision;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.Tables;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Loads the documents that a batch edits: the leaves of all of them, and the bodies of old
 * revisions where rules or observers need them. One round trip to a cluster suffices, except if
 * the parent of a replicated edit is unknown or its body was compacted away.
 */
final class DocumentLoader {

  /** A revision whose body is needed. */
  record Wanted(EditedDocument document, Revision revision) {
    Range range() {
      return Tables.body(document.id, revision);
    }
  }

  private DocumentLoader() {}

  /** Loads documents without bodies, and the counter of updates. */
  static Map<String, EditedDocument> load(
      ReadTransaction transaction, List<String> ids, UpdateNumbers numbers) {
    Map<String, EditedDocument> documents = documents(ids);
    load(transaction, documents.values(), List.of(), Optional.of(numbers));
    return documents;
  }

  /**
   * Loads the documents of edits; local documents are left out.
   *
   * @param needsOld the documents whose edits are compared with the revisions that they follow
   * @param numbers numbers the updates; empty in a snapshot that updates nothing
   */
  static Map<String, EditedDocument> load(
      ReadTransaction transaction,
      List<DocumentInput> edits,
      EditMode mode,
      Predicate<String> needsOld,
      Optional<UpdateNumbers> numbers) {
    Map<String, EditedDocument> documents =
        documents(
            edits.stream()
                .map(DocumentInput::requireId)
                .filter(id -> !DocumentIds.isLocal(id))
                .toList());
    List<DocumentInput> compared =
        edits.stream()
            .filter(edit -> documents.containsKey(edit.requireId()))
            .filter(edit -> edit.hasStubs() || needsOld.test(edit.requireId()))
            .toList();
    List<Wanted> expected = new ArrayList<>();
    for (DocumentInput edit : compared) {
      EditedDocument document = document(documents, edit);
      mode.follows(edit)
          .ifPresent(revision -> expected.add(new Wanted(document, revision)));
    }
    load(transaction, documents.values(), expected, numbers);
    if (mode == EditMode.REPLICATED && !compared.isEmpty()) {
      readBodies(transaction, olderAncestors(transaction, documents, compared));
    }
    return documents;
  }

  /** The document of an edit. */
  static EditedDocument document(Map<String, EditedDocument> documents, DocumentInput edit) {
    EditedDocument document = documents.get(edit.requireId());
    if (document == null) {
      throw new IllegalArgumentException("Not among the documents: " + edit.requireId());
    }
    return document;
  }

  private static Map<String, EditedDocument> documents(List<String> ids) {
    Map<String, EditedDocument> documents = LinkedHashMap.newLinkedHashMap(ids.size());
    ids.forEach(id -> documents.computeIfAbsent(id, EditedDocument::new));
    return documents;
  }

  private static void load(
      ReadTransaction transaction,
      Collection<EditedDocument> documents,
      List<Wanted> expected,
      Optional<UpdateNumbers> numbers) {
    if (documents.isEmpty()) {
      return;
    }
    List<EditedDocument> owners = List.copyOf(documents);
    List<Range> ranges = new ArrayList<>(owners.size() + expected.size());
    owners.forEach(document -> ranges.add(Tables.leaves(document.id)));
    expected.forEach(body -> ranges.add(body.range()));
    List<KeyValue> counter = new ArrayList<>(1);
    if (numbers.isPresent()) {
      ranges.add(UpdateNumbers.COUNTER); // last: adapters learn sizes from the first range's table
    }
    List<List<KeyValue>> chunks = new ArrayList<>(expected.size());
    expected.forEach(body -> chunks.add(new ArrayList<>(1)));
    Bodies.forEachRow(
        transaction,
        ranges,
        (range, row) -> {
          if (range < owners.size()) {
            owners.get(range).addRow(row);
          } else if (range < owners.size() + expected.size()) {
            chunks.get(range - owners.size()).add(row);
          } else {
            counter.add(row);
          }
        });
    numbers.ifPresent(updates -> updates.begin(counter));
    owners.forEach(EditedDocument::loaded);
    store(expected, chunks);
  }

  /** Reads bodies, all of them in one call where its limit on bytes allows. */
  static void readBodies(ReadTransaction transaction, List<Wanted> wanted) {
    store(wanted, Bodies.readAll(transaction, wanted.stream().map(Wanted::range).toList()));
  }

  private static void store(List<Wanted> wanted, List<List<KeyValue>> chunks) {
    for (int i = 0; i < wanted.size(); i++) {
      Wanted one = wanted.get(i);
      Bodies.join(chunks.get(i))
          .ifPresent(body -> one.document().stored.put(one.revision(), body));
    }
  }

  /**
   * The nearest stored ancestor of each replicated edit that does not follow a stored revision
   * directly: that revision is unknown, or compaction removed its body.
   */
  private static List<Wanted> olderAncestors(
      ReadTransaction transaction,
      Map<String, EditedDocument> documents,
      List<DocumentInput> edits) {
    List<Wanted> candidates = new ArrayList<>();
    List<Integer> firsts = new ArrayList<>();
    for (DocumentInput edit : edits) {
      List<Revision> path = edit.path().orElse(List.of());
      EditedDocument document = document(documents, edit);
      if (path.size() < 3 || document.stored.containsKey(path.get(1))) {
        continue;
      }
      firsts.add(candidates.size());
      path.stream()
          .skip(2)
          .filter(document.before::contains)
          .forEach(revision -> candidates.add(new Wanted(document, revision)));
    }
    if (candidates.isEmpty()) {
      return List.of();
    }
    List<Boolean> present =
        Bodies.present(transaction, candidates.stream().map(Wanted::range).toList());
    firsts.add(candidates.size());
    List<Wanted> nearest = new ArrayList<>();
    for (int i = 0; i + 1 < firsts.size(); i++) {
      for (int j = firsts.get(i); j < firsts.get(i + 1); j++) {
        if (present.get(j)) {
          nearest.add(candidates.get(j));
          break;
        }
      }
    }
    return nearest;
  }
}
