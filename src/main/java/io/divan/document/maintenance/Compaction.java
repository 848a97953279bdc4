package io.divan.document.maintenance;

import io.divan.document.attachment.ContentWriter;
import io.divan.document.revision.Attachment;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.LeafRow;
import io.divan.document.rows.LeafRows;
import io.divan.document.rows.PurgeInfos;
import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Removes the bodies of non-leaf revisions, and purges beyond their limit. Readers and writers
 * continue meanwhile. For one thread.
 *
 * <ol>
 *   <li>The walk reads leaf rows, which are small, and looks for bodies only if a leaf has
 *       ancestors. In the key order of bodies, all bodies between those of leaves belong to
 *       non-leaf revisions.
 *   <li>A snapshot finds candidates. The transaction that removes them decides again by the leaves
 *       that it reads, so the body of a leaf is never removed.
 *   <li>Transactions are bounded, and each leaves the database consistent. An unfinished compaction
 *       is started again.
 * </ol>
 */
final class Compaction {
  private static final int LEAVES_A_BATCH = 500;
  private static final int DOCUMENTS_A_WRITE = 50;
  private static final long BYTES_A_WRITE = 2_000_000;
  private static final int RECOUNTS_MAX = 5;

  /** About how many bytes of a transaction the removal of a reference needs. */
  private static final long REFERENCE_BYTES = 1_000;

  /** Candidates in a page of leaves, and the rest of the range. */
  private record Found(List<String> ids, int documents, Optional<Range> rest) {}

  /**
   * The result of a transaction: the number of finished documents, the bytes removed, and whether
   * blobs without a reference are left.
   */
  private record Done(int documents, long bytes, boolean leavesBlobs) {}

  private final Store store;
  private final BooleanSupplier stopped;
  private final LongConsumer progress;
  private final InstantSource clock;
  private boolean leavesBlobs;
  private long documents;
  private long removedBytes;

  /**
   * Creates a compaction.
   *
   * @param stopped asks the compaction to end early
   * @param progress receives the number of documents examined so far
   */
  Compaction(Store store, BooleanSupplier stopped, LongConsumer progress) {
    this(store, stopped, progress, InstantSource.system());
  }

  Compaction(
      Store store, BooleanSupplier stopped, LongConsumer progress, InstantSource clock) {
    this.clock = clock;
    this.store = store;
    this.stopped = stopped;
    this.progress = progress;
  }

  /** Returns the number of documents examined. */
  long documents() {
    return documents;
  }

  /** Returns the bytes of bodies removed. */
  long removedBytes() {
    return removedBytes;
  }

  /** Returns whether it left blobs that no document references. */
  boolean leavesBlobs() {
    return leavesBlobs;
  }

  void run() {
    Optional<Range> rest = Optional.of(Range.all(Tables.DOCS));
    while (rest.isPresent() && !stopped.getAsBoolean()) {
      Range range = rest.get();
      Found found = store.read(transaction -> find(transaction, range));
      remove(found.ids());
      documents += found.documents();
      progress.accept(documents);
      rest = found.rest();
    }
    if (!stopped.getAsBoolean()) {
      PurgeInfos.trim(store);
      recount();
    }
  }

  private static Found find(ReadTransaction transaction, Range range) {
    Page page = transaction.scan(range.limit(LEAVES_A_BATCH));
    Map<String, List<Leaf>> leaves = new LinkedHashMap<>();
    for (KeyValue row : page.rows()) {
      leaves
          .computeIfAbsent(new TupleReader(row.key()).nextString(), id -> new ArrayList<>())
          .add(LeafRow.decode(row).leaf());
    }
    Optional<Range> rest = Optional.empty();
    List<String> whole = new ArrayList<>(leaves.keySet());
    if (page.rest().isPresent()) {
      String last = whole.getLast();
      if (whole.size() == 1) { // it may have more leaves: removing reads all of them
        byte[] after = Tables.leaves(last).end().orElseThrow();
        return new Found(List.of(last), 1, Optional.of(Range.from(Tables.DOCS, after)));
      }
      whole.removeLast();
      rest = Optional.of(Range.from(Tables.DOCS, Tables.key(last)));
    }
    int count = whole.size();
    whole.removeIf(id -> leaves.getOrDefault(id, List.of()).stream()
        .allMatch(leaf -> leaf.path().length() == 1));
    return new Found(withNonLeafBodies(transaction, whole, leaves), count, rest);
  }

  /** Returns the documents that have a body of a non-leaf revision. */
  private static List<String> withNonLeafBodies(
      ReadTransaction transaction, List<String> ids, Map<String, List<Leaf>> leaves) {
    List<String> owners = new ArrayList<>();
    List<Range> ranges = new ArrayList<>();
    for (String id : ids) {
      for (Range range : nonLeafRanges(id, leaves.getOrDefault(id, List.of()))) {
        owners.add(id);
        ranges.add(range);
      }
    }
    List<Boolean> present = Bodies.present(transaction, ranges);
    List<String> having = new ArrayList<>();
    for (int i = 0; i < owners.size(); i++) {
      if (present.get(i) && (having.isEmpty() || !having.getLast().equals(owners.get(i)))) {
        having.add(owners.get(i));
      }
    }
    return having;
  }

  /** Returns the ranges of a document's bodies between those of its leaves. */
  private static List<Range> nonLeafRanges(String id, List<Leaf> leaves) {
    List<Range> ranges = new ArrayList<>();
    byte[] begin = Tables.key(id);
    for (Revision leaf : leaves.stream().map(Leaf::revision).sorted().toList()) {
      Range body = Tables.body(id, leaf);
      if (Arrays.compareUnsigned(begin, body.begin()) < 0) {
        ranges.add(Range.of(Tables.REV_DATA, begin, body.begin()));
      }
      begin = body.end().orElseThrow();
    }
    return ranges; // no body follows that of the highest leaf
  }

  private void remove(List<String> ids) {
    int from = 0;
    while (from < ids.size() && !stopped.getAsBoolean()) {
      List<String> some = ids.subList(from, Math.min(ids.size(), from + DOCUMENTS_A_WRITE));
      Done done = store.write(transaction -> remove(transaction, some)).result();
      leavesBlobs |= done.leavesBlobs();
      from += done.documents();
      removedBytes += done.bytes();
    }
  }

  private Done remove(WriteTransaction transaction, List<String> ids) {
    ContentWriter contents = new ContentWriter(transaction, clock);
    long read = 0;
    long bytes = 0;
    int done = 0;
    for (String id : ids) {
      List<Leaf> leaves = LeafRows.tree(transaction, id).leaves();
      for (Range range : nonLeafRanges(id, leaves)) {
        Optional<Range> rest = Optional.of(range);
        while (rest.isPresent()) {
          if (read >= BYTES_A_WRITE) {
            return finish(transaction, contents, done, bytes);
          }
          Page page = transaction.scan(rest.get());
          for (KeyValue row : page.rows()) {
            List<Attachment> attachments = Bodies.attachments(row);
            read += row.value().length + attachments.size() * REFERENCE_BYTES;
            bytes += Bodies.storedBytes(row);
            if (!attachments.isEmpty()) {
              contents.dereference(id, Bodies.revision(row), attachments);
            }
          }
          byte[] end = page.rest().map(Range::begin).or(range::end).orElseThrow();
          if (!page.rows().isEmpty()) {
            transaction.deleteRange(Range.of(Tables.REV_DATA, rest.get().begin(), end));
          }
          rest = page.rest();
        }
      }
      done++;
    }
    return finish(transaction, contents, done, bytes);
  }

  private static Done finish(
      WriteTransaction transaction, ContentWriter contents, int documents, long bytes) {
    contents.finish();
    if (bytes > 0) {
      transaction.add(Tables.STATS, Tables.SIZE_OLD, -bytes);
    }
    return new Done(documents, bytes, contents.leavesGarbage());
  }

  /**
   * Recounts the bytes of old bodies if the counter is not known to be right. Sets it only if
   * nothing was written during the recount; otherwise the next compaction tries again.
   */
  private void recount() {
    for (int i = 0; i < RECOUNTS_MAX && !stopped.getAsBoolean(); i++) {
      Optional<List<Long>> before = store.read(Compaction::editMarkers);
      if (before.isEmpty()) {
        return;
      }
      long bytes = count();
      if (stopped.getAsBoolean() || set(before.get(), bytes)) {
        return;
      }
    }
  }

  /** Returns values that every edit changes, or empty if the counter is right. */
  private static Optional<List<Long>> editMarkers(ReadTransaction transaction) {
    if (transaction.get(Tables.METADATA, Tables.OLD_BYTES_KNOWN).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        List.of(
            Stats.counter(transaction.get(Tables.STATS, Tables.SIZE_OLD)),
            (long) Stats.lastChange(transaction).hashCode()));
  }

  private boolean set(List<Long> before, long bytes) {
    return store
        .write(
            transaction -> {
              boolean quiet =
                  editMarkers(transaction).filter(before::equals).isPresent();
              if (quiet) {
                byte[] value =
                    ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(bytes)
                        .array();
                transaction.put(Tables.STATS, Tables.SIZE_OLD, value);
                transaction.put(Tables.METADATA, Tables.OLD_BYTES_KNOWN, new byte[0]);
                transaction.bumpConfigVersion();
              }
              return quiet;
            })
        .result();
  }

  private long count() {
    long bytes = 0;
    Optional<Range> rest = Optional.of(Range.all(Tables.DOCS));
    while (rest.isPresent() && !stopped.getAsBoolean()) {
      Range range = rest.get();
      Found found = store.read(transaction -> find(transaction, range));
      for (String id : found.ids()) {
        bytes += store.read(transaction -> nonLeafBytes(transaction, id));
      }
      rest = found.rest();
    }
    return bytes;
  }

  private static long nonLeafBytes(ReadTransaction transaction, String id) {
    long bytes = 0;
    for (Range range : nonLeafRanges(id, LeafRows.tree(transaction, id).leaves())) {
      OptionalLong weight = Bodies.storedBytes(transaction, range, Long.MAX_VALUE);
      bytes += weight.orElseThrow();
    }
    return bytes;
  }
}
