package io.divan.document.maintenance;

import io.divan.document.attachment.ContentVerifier;
import io.divan.document.revision.Attachment;
import io.divan.document.revision.Content;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.ContentRows;
import io.divan.document.rows.ContentRows.Blob;
import io.divan.document.rows.ContentRows.Place;
import io.divan.document.rows.ContentRows.Reference;
import io.divan.document.rows.Tables;
import io.divan.storage.BatchScan;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.tuple.TupleText;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/**
 * Checks the attachments table. Other transactions may write meanwhile: what they could have caused
 * is looked at again before it is reported. For one thread.
 */
final class ContentCheck {
  private static final int ROWS = 500;

  /** The most blobs whose contents are looked for in one walk. */
  static final int BLOBS_A_WALK = 100_000;

  /** The most different properties of one content that are compared with its bytes. */
  private static final int VARIANTS_MAX = 16;

  private final Store store;
  private final CheckListener listener;
  private final LongConsumer walked;
  private final boolean digests;
  private final int blobsOfOneWalk;

  /**
   * Creates a check.
   *
   * @param walked receives the number of further rows read
   * @param digests whether to compute the digests of all contents
   */
  ContentCheck(
      Store store,
      CheckListener listener,
      LongConsumer walked,
      boolean digests,
      int blobsOfOneWalk) {
    this.store = store;
    this.listener = listener;
    this.walked = walked;
    this.digests = digests;
    this.blobsOfOneWalk = blobsOfOneWalk;
  }

  void run() {
    markers();
    each(ContentRows.allReferences(), ContentCheck::references);
    BatchScan<Found> contents =
        store.scan(ContentRows.allContents(), ROWS, ContentCheck::contents);
    while (contents.hasMore()) {
      for (Found found : contents.next()) {
        found.problems().forEach(listener::problem);
        walked.accept(found.rows().size());
        found.rows().forEach(this::content);
      }
    }
    blobs();
  }

  /** Rows, and their problems. */
  private record Found(List<KeyValue> rows, List<String> problems) {}

  private void each(Range range, BatchScan.Reader<Found> reader) {
    BatchScan<Found> scan = store.scan(range, ROWS, reader);
    while (scan.hasMore()) {
      for (Found found : scan.next()) {
        found.problems().forEach(listener::problem);
        walked.accept(found.rows().size());
      }
    }
  }

  private static BatchScan.Batch<Found> take(
      List<KeyValue> rows, int count, List<String> problems) {
    return new BatchScan.Batch<>(
        List.of(new Found(List.copyOf(rows.subList(0, count)), problems)), count);
  }

  /** Checks that a database with attachments says so. */
  private void markers() {
    List<String> problems = new ArrayList<>();
    BatchCheck.guarded(
        () -> "The format",
        problems,
        () -> problems.addAll(store.read(ContentCheck::markers)));
    problems.forEach(listener::problem);
  }

  private static List<String> markers(ReadTransaction snapshot) {
    List<String> problems = new ArrayList<>();
    boolean attachments =
        Bodies.present(
            snapshot, List.of(ContentRows.allReferences(), ContentRows.allContents()))
            .contains(true);
    if (attachments) {
      if (snapshot.get(Tables.METADATA, Tables.HAS_ATTACHMENTS).isEmpty()) {
        problems.add(
            "the row \"attachments\" of metadata is missing although there are attachments");
      }
      int format =
          snapshot
              .get(Tables.FORMAT, Tables.FORMAT_KEY)
              .map(value -> ByteBuffer.wrap(value).getInt())
              .orElse(0);
      if (format < Tables.FORMAT_WITH_ATTACHMENTS) {
        problems.add(
            "the format is " + format + " although there are attachments, so that earlier"
                + " versions would not refuse the database");
      }
    }
    return problems;
  }

  /** Checks that each reference has its body, and its content of the length that the body says. */
  private static BatchScan.Batch<Found> references(
      ReadTransaction snapshot, List<KeyValue> rows) {
    List<String> problems = new ArrayList<>();
    List<Optional<Reference>> references = new ArrayList<>();
    List<Range> ranges = new ArrayList<>();
    for (KeyValue row : rows) {
      Optional<Reference> reference = decode(row, problems);
      references.add(reference);
      reference.ifPresent(
          is -> {
            ranges.add(Tables.body(is.id(), is.revision()).limit(1));
            ranges.add(Range.prefix(Tables.ATTACHMENTS, ContentRows.contentKey(is.sha256())));
          });
    }
    List<List<KeyValue>> found =
        ranges.isEmpty() ? List.of() : Bodies.chunksOfFirst(snapshot, ranges);
    if (found.size() == 1) { // the body alone fills a call
      List<List<KeyValue>> both = new ArrayList<>(found);
      both.addAll(Bodies.chunksOfFirst(snapshot, ranges.subList(1, 2)));
      found = both;
    }
    int count = 0;
    int used = 0;
    for (Optional<Reference> reference : references) {
      if (reference.isPresent()) {
        if (used + 2 > found.size()) {
          break;
        }
        List<KeyValue> body = found.get(used);
        List<KeyValue> content = found.get(used + 1);
        used += 2;
        BatchCheck.guarded(
            () -> "The reference to " + text(reference.get()),
            problems,
            () -> compare(reference.get(), body, content, problems));
      }
      count++;
    }
    return take(rows, count, problems);
  }

  private static Optional<Reference> decode(KeyValue row, List<String> problems) {
    List<Reference> reference = new ArrayList<>(1);
    BatchCheck.guarded(
        () -> "The row " + TupleText.print(row.key()) + " of attachments",
        problems,
        () -> reference.add(ContentRows.reference(row.key())));
    return reference.stream().findFirst();
  }

  private static void compare(
      Reference reference, List<KeyValue> body, List<KeyValue> content, List<String> problems) {
    List<Attachment> named =
        body.stream()
            .flatMap(chunk -> Bodies.attachments(chunk).stream())
            .filter(one -> Arrays.equals(one.content().sha256(), reference.sha256()))
            .toList();
    if (named.isEmpty()) {
      problems.add(
          "the content " + hex(reference.sha256()) + " is referenced by " + of(reference)
              + ", whose body does not name it: no document is affected, but its space is not"
              + " freed");
    }
    Optional<Place> place =
        content.stream().map(row -> ContentRows.place(row.value())).findFirst();
    if (place.isEmpty()) {
      problems.add(
          "the attachment " + names(named) + " of " + of(reference) + " lacks its content "
              + hex(reference.sha256()) + ": the document can be read without it, and storing an"
              + " equal attachment in any document restores it");
      return;
    }
    for (Attachment attachment : named) {
      long stored = length(place.get());
      if (attachment.content().storedLength() != stored) {
        problems.add(
            "the attachment " + attachment.name() + " of " + of(reference) + " should have "
                + attachment.content().storedLength() + " bytes, but its content has " + stored);
      }
    }
  }

  private static long length(Place place) {
    return switch (place) {
      case Place.Inline inline -> inline.bytes().length;
      case Place.InBlob in -> in.length();
    };
  }

  private static String names(List<Attachment> attachments) {
    return attachments.isEmpty()
        ? "(unknown)"
        : String.join(", ", attachments.stream().map(Attachment::name).toList());
  }

  private static String of(Reference reference) {
    return reference.id() + " " + reference.revision();
  }

  private static String text(Reference reference) {
    return hex(reference.sha256()) + " of " + of(reference);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** Checks that each content can be decoded and has a reference. */
  private static BatchScan.Batch<Found> contents(
      ReadTransaction snapshot, List<KeyValue> rows) {
    List<String> problems = new ArrayList<>();
    List<Range> ranges = new ArrayList<>();
    List<byte[]> contents = new ArrayList<>();
    List<KeyValue> readable = new ArrayList<>();
    for (KeyValue row : rows) {
      BatchCheck.guarded(
          () -> "The row " + TupleText.print(row.key()) + " of attachments",
          problems,
          () -> {
            byte[] sha256 = ContentRows.sha256(row.key());
            ranges.add(ContentRows.references(sha256));
            contents.add(sha256);
            ContentRows.place(row.value());
            readable.add(row);
          });
    }
    List<Boolean> referenced = Bodies.present(snapshot, ranges);
    for (int i = 0; i < referenced.size(); i++) {
      if (!referenced.get(i)) {
        problems.add(
            "the content " + hex(contents.get(i))
                + " has no reference: no document is affected, but its space is not freed");
      }
    }
    return new BatchScan.Batch<>(List.of(new Found(readable, problems)), rows.size());
  }

  /** Checks the bytes of a content. */
  private void content(KeyValue row) {
    List<String> problems = new ArrayList<>();
    BatchCheck.guarded(
        () -> "The content " + hex(ContentRows.sha256(row.key())),
        problems,
        () -> problems.addAll(bytes(row)));
    if (!problems.isEmpty() && isUnchanged(row)) {
      problems.forEach(listener::problem);
    }
  }

  private boolean isUnchanged(KeyValue row) {
    return store
        .read(transaction -> transaction.get(Tables.ATTACHMENTS, row.key()))
        .filter(value -> Arrays.equals(value, row.value()))
        .isPresent();
  }

  private List<String> bytes(KeyValue row) {
    Place place = ContentRows.place(row.value());
    byte[] sha256 = ContentRows.sha256(row.key());
    List<String> problems = new ArrayList<>();
    Map<Content, Reference> variants = digests ? variants(sha256) : Map.of();
    boolean gzip = variants.keySet().stream().anyMatch(Content::gzip);
    ContentVerifier verifier = new ContentVerifier(digests, gzip);
    switch (place) {
      case Place.Inline inline -> verifier.add(inline.bytes());
      case Place.InBlob in -> chunks(in, verifier).ifPresent(
          problem -> problems.add(
              "the content " + hex(sha256) + " of " + owners(sha256) + " " + problem
                  + ": its attachments cannot be read as a whole"));
    }
    if (problems.isEmpty() && digests) {
      if (!Arrays.equals(verifier.sha256(), sha256)) {
        problems.add(
            "the content " + hex(sha256) + " of " + owners(sha256) + " has the SHA-256 "
                + hex(verifier.sha256()) + ": its bytes were changed");
      } else {
        variants.forEach(
            (content, reference) -> verifier
                .difference(content)
                .ifPresent(
                    difference -> problems.add(
                        "the reference to " + text(reference) + " " + difference)));
      }
    }
    return problems;
  }

  /** Returns what is wrong with the chunks of a blob, and passes them on. */
  private Optional<String> chunks(Place.InBlob in, ContentVerifier verifier) {
    BatchScan<KeyValue> scan =
        store.scan(
            ContentRows.chunks(in.blob()),
            Range.NO_LIMIT,
            (transaction, rows) -> new BatchScan.Batch<>(rows, rows.size()));
    long count = ContentRows.chunkCount(in.length());
    long next = 0;
    while (scan.hasMore()) {
      for (KeyValue row : scan.next()) {
        long chunk = ContentRows.chunk(row.key());
        if (chunk != next) {
          return Optional.of(
              next < count
                  ? "lacks the chunk " + next + " of " + count
                  : "has the chunk " + chunk + " after its " + count);
        }
        long length =
            Math.min(ContentRows.CHUNK_BYTES, in.length() - next * ContentRows.CHUNK_BYTES);
        if (row.value().length != length) {
          return Optional.of(
              next < count
                  ? "has " + row.value().length + " bytes in the chunk " + chunk + " instead of "
                      + length
                  : "has the chunk " + chunk + " after its " + count);
        }
        verifier.add(row.value());
        next++;
      }
    }
    return next == count
        ? Optional.empty()
        : Optional.of("lacks the chunk " + next + " of " + count);
  }

  /** Returns some of the documents that reference a content. */
  private String owners(byte[] sha256) {
    int shown = 3;
    List<KeyValue> rows =
        store.read(
            transaction -> transaction
                .scan(ContentRows.references(sha256).limit(shown + 1))
                .rows());
    if (rows.isEmpty()) {
      return "no document";
    }
    String first =
        String.join(
            ", ",
            rows.stream().limit(shown).map(row -> of(ContentRows.reference(row.key()))).toList());
    return rows.size() > shown ? first + " and others" : first;
  }

  /** Returns the different properties that references state for a content, with an example. */
  private Map<Content, Reference> variants(byte[] sha256) {
    Map<Content, Reference> variants = new LinkedHashMap<>();
    Optional<Range> rest = Optional.of(ContentRows.references(sha256));
    while (rest.isPresent() && variants.size() < VARIANTS_MAX) {
      Range range = rest.get().limit(ROWS);
      rest =
          store.read(
              transaction -> {
                Page page = transaction.scan(range);
                page.rows().forEach(row -> addVariants(transaction, row, variants));
                return page.rest();
              });
    }
    return variants;
  }

  private static void addVariants(
      ReadTransaction transaction, KeyValue row, Map<Content, Reference> variants) {
    Reference reference = ContentRows.reference(row.key());
    byte[] key = Tables.bodyKey(reference.id(), reference.revision(), 0);
    transaction
        .get(Tables.REV_DATA, key)
        .map(value -> Bodies.attachments(new KeyValue(key, value)))
        .orElse(List.of())
        .stream()
        .map(Attachment::content)
        .filter(content -> Arrays.equals(content.sha256(), reference.sha256()))
        .forEach(content -> variants.putIfAbsent(content, reference));
  }

  /**
   * Checks that each blob has a content or a deadline. No row leads from a blob to its content, so
   * it collects blobs without a deadline, as many as fit into memory, and then looks for them in
   * all contents.
   */
  private void blobs() {
    Optional<Range> rest = Optional.of(ContentRows.allChunks());
    while (rest.isPresent()) {
      Set<Blob> blobs = new HashSet<>();
      while (rest.isPresent() && blobs.size() < blobsOfOneWalk) {
        Range range = rest.get();
        Optional<Blob> next = store.read(transaction -> firstBlob(transaction, range));
        next.ifPresent(
            blob -> {
              if (isWithoutDeadline(blob)) {
                blobs.add(blob);
              }
            });
        rest =
            next.map(blob -> ContentRows.chunks(blob).end().orElseThrow())
                .map(end -> new Range(
                    Tables.ATTACHMENTS, end, range.end(), false, Range.NO_LIMIT))
                .filter(some -> !some.isEmpty());
      }
      removeNamed(blobs);
      new TreeSet<>(blobs.stream().filter(this::isWithoutDeadline).map(Blob::toString).toList())
          .forEach(
              blob -> listener.problem(
                  "the blob " + blob + " has neither a content nor a deadline: no document is"
                      + " affected, but its space is not freed"));
    }
  }

  private static Optional<Blob> firstBlob(ReadTransaction transaction, Range range) {
    return transaction.scan(range.limit(1)).rows().stream()
        .map(row -> ContentRows.blob(row.key()))
        .findFirst();
  }

  /** Returns whether a blob has chunks, but no deadline. */
  private boolean isWithoutDeadline(Blob blob) {
    return store.read(
        transaction -> transaction
            .get(Tables.ATTACHMENTS, ContentRows.deadlineKey(blob))
            .isEmpty()
            && firstBlob(transaction, ContentRows.chunks(blob)).isPresent());
  }

  private void removeNamed(Set<Blob> blobs) {
    if (blobs.isEmpty()) {
      return;
    }
    BatchScan<KeyValue> scan =
        store.scan(
            ContentRows.allContents(),
            Range.NO_LIMIT,
            (transaction, rows) -> new BatchScan.Batch<>(rows, rows.size()));
    while (scan.hasMore()) {
      for (KeyValue row : scan.next()) {
        BatchCheck.guarded(
            () -> "",
            new ArrayList<>(),
            () -> ContentRows.blobOf(ContentRows.place(row.value()))
                .ifPresent(in -> blobs.remove(in.blob())));
      }
    }
  }
}
