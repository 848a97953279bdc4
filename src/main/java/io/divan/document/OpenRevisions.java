package io.divan.document;

import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionPath;
import io.divan.document.revision.RevisionTree;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.LeafRows;
import io.divan.document.rows.Tables;
import io.divan.json.JsonBuffer;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Reads chosen revisions of documents, for {@code open_revs} and {@code _bulk_get}, in bounded
 * batches. One call of {@link #next} reads one snapshot. For one thread.
 */
public final class OpenRevisions {

  private static final int REQUESTS_MAX = 100;

  /**
   * A request for revisions of a document.
   *
   * @param id the document
   * @param revisions the revisions, or empty for all leaves
   * @param latest whether to return the leaves that descend from each revision instead of it
   * @param attachments how attachments are shown; empty for the way of all requests
   */
  public record Request(
      String id,
      Optional<List<Revision>> revisions,
      boolean latest,
      Optional<AttachmentOptions> attachments) {

    /** A request with attachments as for all requests. */
    public Request(String id, Optional<List<Revision>> revisions, boolean latest) {
      this(id, revisions, latest, Optional.empty());
    }
  }

  /** One result of a request. */
  public sealed interface Answer {
    /** The index of the request, from 0. */
    int request();

    /** A revision with its document. */
    record Found(int request, FoundDocument document) implements Answer {}

    /** A revision that is unknown, or whose body is not stored. */
    record Missing(int request, String revision) implements Answer {}

    /** Revisions of a document that the principal may not see. */
    record Refused(int request, DocumentException reason) implements Answer {}

    /** A missing document, of which all leaves were requested. */
    record NoDocument(int request) implements Answer {}
  }

  private sealed interface Target {
    int request();

    record Body(int request, String id, RevisionPath path) implements Target {}

    record None(int request, Answer answer) implements Target {}
  }

  private record Step(List<Answer> answers, List<Target> rest) {}

  private final Store store;
  private final List<Request> requests;
  private final ReadOptions options;
  private final DatabaseSettings settings;
  private final VisibleBodies visible;
  private final AttachmentReader attachments;
  private int position;
  private Deque<Target> targets = new ArrayDeque<>();

  OpenRevisions(
      Store store,
      List<Request> requests,
      ReadOptions options,
      DatabaseSettings settings,
      VisibleBodies visible,
      AttachmentReader attachments) {
    this.attachments = attachments;
    this.settings = settings;
    this.visible = visible;
    this.store = store;
    this.requests = requests;
    this.options = options;
  }

  /** Whether more answers follow. */
  public boolean hasNext() {
    return position < requests.size() || !targets.isEmpty();
  }

  /** Returns the next answers in the order of requests, possibly none while {@link #hasNext()}. */
  public List<Answer> next() {
    boolean fresh = targets.isEmpty();
    int end = Math.min(requests.size(), position + REQUESTS_MAX);
    List<Target> waiting = List.copyOf(targets);
    int from = position;
    Step step =
        store.read(
            transaction -> bodies(transaction, fresh ? find(transaction, from, end) : waiting));
    if (fresh) {
      position = end;
    }
    targets = new ArrayDeque<>(step.rest());
    return step.answers();
  }

  private List<Target> find(ReadTransaction transaction, int from, int end) {
    List<Range> ranges = new ArrayList<>(end - from);
    for (int i = from; i < end; i++) {
      ranges.add(Tables.leaves(requests.get(i).id()));
    }
    List<Target> found = new ArrayList<>();
    int next = from;
    while (next < end) {
      for (Page page : transaction.scanAll(ranges.subList(next - from, ranges.size()))) {
        if (page.stop() == Page.Stop.BYTES && page.rows().isEmpty()) {
          break;
        }
        List<KeyValue> rows = Bodies.readAll(transaction, page);
        targets(next, LeafRows.tree(rows), found);
        next++;
      }
    }
    return found;
  }

  private void targets(int index, RevisionTree tree, List<Target> found) {
    Request request = requests.get(index);
    if (request.revisions().isEmpty() && tree.isEmpty()) {
      found.add(new Target.None(index, new Answer.NoDocument(index)));
      return;
    }
    List<Revision> missing = new ArrayList<>();
    List<RevisionPath> paths = new ArrayList<>();
    if (request.revisions().isEmpty()) {
      tree.leaves().forEach(leaf -> paths.add(leaf.path()));
    }
    for (Revision revision : request.revisions().orElse(List.of())) {
      List<Leaf> leaves = tree.leavesFrom(revision);
      if (leaves.isEmpty()) {
        missing.add(revision);
      } else if (request.latest()) {
        leaves.forEach(leaf -> paths.add(leaf.path()));
      } else {
        paths.add(leaves.getFirst().path().from(revision));
      }
    }
    paths.stream()
        .distinct()
        .sorted((a, b) -> a.head().compareTo(b.head()))
        .forEach(path -> found.add(target(index, path)));
    Collections.sort(missing);
    missing.stream()
        .distinct()
        .map(revision -> new Answer.Missing(index, revision.toString()))
        .forEach(answer -> found.add(new Target.None(index, answer)));
  }

  private Target target(int index, RevisionPath path) {
    return new Target.Body(index, requests.get(index).id(), path);
  }

  private Step bodies(ReadTransaction transaction, List<Target> wanted) {
    List<Range> ranges = new ArrayList<>(wanted.size());
    for (Target target : wanted) {
      if (target instanceof Target.Body body) {
        ranges.add(Tables.body(body.id(), body.path().head()));
      }
    }
    List<Optional<Bodies.Body>> bodies =
        ranges.isEmpty() ? List.of() : Bodies.readFirst(transaction, ranges);
    int most = batch(wanted, bodies);
    List<Answer> answers = new ArrayList<>(wanted.size());
    int read = 0;
    for (int i = 0; i < wanted.size(); i++) {
      switch (wanted.get(i)) {
        case Target.None none -> answers.add(none.answer());
        case Target.Body body -> {
          if (read == most) {
            return new Step(answers, List.copyOf(wanted.subList(i, wanted.size())));
          }
          Answer answer = answer(transaction, body, bodies.get(read++));
          if (!isRepeated(answers, answer)) {
            answers.add(answer);
          }
        }
      }
    }
    return new Step(answers, List.of());
  }

  /** Returns how many of the bodies can be shown at once. */
  private int batch(List<Target> wanted, List<Optional<Bodies.Body>> bodies) {
    return wanted.stream()
        .map(target -> attachmentOptions(target.request()))
        .filter(AttachmentOptions::contents)
        .findFirst()
        .map(shown -> AttachmentReader.batch(bodies, shown))
        .orElse(bodies.size());
  }

  private AttachmentOptions attachmentOptions(int request) {
    return requests.get(request).attachments().orElse(options.attachments());
  }

  /** Whether one refusal already stands for this one: which leaves exist is not shown. */
  private static boolean isRepeated(List<Answer> answers, Answer answer) {
    return answer instanceof Answer.Refused
        && !answers.isEmpty()
        && answers.getLast() instanceof Answer.Refused last
        && last.request() == answer.request();
  }

  private Answer answer(
      ReadTransaction transaction, Target.Body target, Optional<Bodies.Body> body) {
    String revision = target.path().head().toString();
    if (body.isEmpty()) {
      return new Answer.Missing(target.request(), revision);
    }
    byte[] json;
    try {
      json = visible.visible(transaction, target.id(), body.get().json());
    } catch (DocumentException e) {
      return new Answer.Refused(target.request(), e);
    }
    JsonBuffer out = new JsonBuffer();
    DocumentJson.open(out, target.id(), revision, body.get().deleted(), json);
    if (options.revisions()) {
      DocumentJson.revisions(out, settings.cut(transaction, target.path()));
    }
    List<ShownAttachment> shown =
        attachments.show(
            transaction,
            out,
            AttachmentReader.visible(body.get(), json),
            target.path(),
            attachmentOptions(target.request()));
    return new Answer.Found(
        target.request(), new FoundDocument(revision, out.raw('}').toBytes(), true, shown));
  }
}
