package io.divan.document;

import io.divan.document.revision.Revision;
import io.divan.document.rows.PurgeInfos;
import io.divan.document.rows.Tables;
import io.divan.storage.BatchScan;
import io.divan.storage.KeyValue;
import io.divan.storage.Limits;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Removes leaves of documents for good. Unlike a deletion, a purge leaves no tombstone and is not
 * replicated. It also removes the ancestors that no other leaf shares; a document without leaves is
 * gone. Non-leaf revisions in a request are ignored. Safe for use by many threads.
 */
public final class Purges {
  private static final int REQUESTS_MAX = 1_000;

  /** Keeps a remembered purge within one value. */
  private static final int REVISIONS_BYTES_MAX = 80_000;

  private static final int REVISION_OVERHEAD = 16;

  /**
   * A request to purge revisions of a document.
   *
   * @param id the document
   * @param revisions any, known or not
   */
  public record Request(String id, List<Revision> revisions) {
    public Request {
      revisions = List.copyOf(revisions);
    }
  }

  private final Store store;
  private final DatabaseSettings settings;
  private final CommitListener listener;

  private final EditHooks hooks;
  private final Guard guard;
  private final InstantSource clock;

  /** The result of a transaction. */
  private record Done(
      List<Collection<Revision>> purged, boolean leavesGarbage, long observedRows) {}

  Purges(
      Store store,
      DatabaseSettings settings,
      CommitListener listener,
      EditHooks hooks,
      Guard guard,
      InstantSource clock) {
    this.clock = clock;
    this.guard = guard;
    this.store = store;
    this.listener = listener;
    this.settings = settings;
    this.hooks = hooks;
  }

  /**
   * Purges revisions in one transaction, or in several in order where one would be too large.
   *
   * @return the purged revisions of each document, ascending; the documents in their order
   * @throws StorageException as {@link Store#write} does
   */
  public Map<String, Collection<Revision>> purge(Map<String, List<Revision>> revisions) {
    Map<String, Collection<Revision>> purged = LinkedHashMap.newLinkedHashMap(revisions.size());
    List<Request> requests = new ArrayList<>();
    revisions.forEach(
        (id, some) -> {
          purged.put(id, new TreeSet<>());
          if (DocumentIds.isStorable(id)) {
            split(id, some, requests);
          }
        });
    for (int from = 0; from < requests.size(); from += REQUESTS_MAX) {
      apply(requests.subList(from, Math.min(requests.size(), from + REQUESTS_MAX)), purged);
    }
    return purged;
  }

  /** Splits a request; leaves out revisions that no document can have. */
  private static void split(String id, List<Revision> revisions, List<Request> requests) {
    List<Revision> part = new ArrayList<>();
    int bytes = 0;
    for (Revision revision : new TreeSet<>(revisions)) {
      if (!revision.isStorable()) {
        continue;
      }
      bytes += revision.id().length + REVISION_OVERHEAD;
      if (bytes > REVISIONS_BYTES_MAX) {
        requests.add(new Request(id, part));
        part = new ArrayList<>();
        bytes = revision.id().length + REVISION_OVERHEAD;
      }
      part.add(revision);
    }
    requests.add(new Request(id, part));
  }

  private void apply(List<Request> requests, Map<String, Collection<Revision>> purged) {
    Done done;
    try {
      done =
          store
              .write(
                  transaction -> {
                    DatabaseSettings.Cached current = settings.in(transaction);
                    guard.check(current, transaction, Action.PURGE);
                    EditContext context = new EditContext(store.name(), transaction, current);
                    Observers observers = Observers.of(hooks, context, transaction);
                    DocumentWriter writer =
                        new DocumentWriter(transaction, current, observers, clock);
                    List<Collection<Revision>> removed = writer.purge(requests);
                    return new Done(removed, writer.leavesGarbage(), writer.observedRows());
                  })
              .result();
      List<String> ids = requests.stream().map(Request::id).toList();
      listener.committed(
          new CommitListener.Commit(
              guard.principal(), () -> ids, 0, done.leavesGarbage(), done.observedRows()));
    } catch (StorageException.LimitExceeded e) {
      if (e.limit() != Limits.Limit.TRANSACTION || requests.size() == 1) {
        throw e;
      }
      int half = requests.size() / 2;
      apply(requests.subList(0, half), purged);
      apply(requests.subList(half, requests.size()), purged);
      return;
    }
    for (int i = 0; i < requests.size(); i++) {
      purged
          .computeIfAbsent(requests.get(i).id(), id -> new TreeSet<>())
          .addAll(done.purged().get(i));
    }
  }

  /** The remembered purge requests, the oldest first. */
  public BatchScan<Request> infos() {
    return store.scan(
        Range.all(Tables.PURGES),
        Range.NO_LIMIT,
        (transaction, rows) -> new BatchScan.Batch<>(rows.stream().map(Purges::request).toList(),
            rows.size()));
  }

  private static Request request(KeyValue row) {
    PurgeInfos.Info info = PurgeInfos.decode(row);
    return new Request(info.id(), info.revisions());
  }
}
