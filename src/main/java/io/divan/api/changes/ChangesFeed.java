package io.divan.api.changes;

import io.divan.api.http.JsonStream;
import io.divan.api.http.Responses;
import io.divan.document.Changes;
import io.divan.document.revision.Revision;
import io.divan.document.revision.Sequence;
import io.divan.json.JsonBuffer;
import io.divan.storage.StorageException;
import io.divan.storage.Watch;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Writes one feed of changes.
 *
 * <ol>
 *   <li>Changes are answered in the order of their commits, none twice, none left out that passes
 *       the filter.
 *   <li>A feed that waits has sent everything it has, holds no transaction and no buffer, and waits
 *       on a watch that was armed against the very snapshot in which it found no more changes.
 *   <li>While it finds nothing that passes, be it that there are no changes or that it is still
 *       looking, it sends a heartbeat whenever one is due; without heartbeats its time is over once
 *       it has found nothing for the length of its time-out.
 *   <li>It ends with its closing line when its time or limit is over, when its database is deleted
 *       and when the service stops; when the client has gone it ends at the next byte it sends.
 * </ol>
 */
final class ChangesFeed {

  /** How a feed goes on when there are no more changes, and what it looks like. */
  enum Kind {
    /** It ends. */
    NORMAL,
    /** It waits for the first change, then ends. */
    LONGPOLL,
    /** It waits for more; each change is a line. */
    CONTINUOUS,
    /** It waits for more; each change is an event of a browser's EventSource. */
    EVENTSOURCE;

    String contentType() {
      return this == EVENTSOURCE ? "text/event-stream" : Responses.JSON;
    }

    boolean isOneObject() {
      return this == NORMAL || this == LONGPOLL;
    }
  }

  /**
   * What was asked for.
   *
   * @param kind how it goes on at the end
   * @param since where it begins
   * @param descending from the latest change back
   * @param limit the most changes it answers
   * @param interval a change has its sequence where the interval divides what is left of the limit
   * @param heartbeat how often it says that it is there while it finds nothing
   * @param timeout how long it goes on without finding anything, where it has no heartbeat
   * @param filter what was asked of the changes
   */
  record Options(
      Kind kind,
      Sequence since,
      boolean descending,
      long limit,
      long interval,
      Optional<Duration> heartbeat,
      Duration timeout,
      RequestedFilter filter) {}

  /** How often an answer that does not wait shows that it is still at work, as CouchDB's. */
  private static final Duration WORKING = Duration.ofSeconds(5);

  private final Changes changes;
  private final WaitingFeeds feeds;
  private final Options options;
  private final boolean waits;
  private Sequence last;
  private long answered;
  private Optional<Long> looked = Optional.of(0L);
  private boolean atEnd;
  private boolean over;
  private boolean hasWaited;
  private long quietSince;
  private Optional<Changes.Batch> first = Optional.empty();

  ChangesFeed(Changes changes, WaitingFeeds feeds, Options options) {
    this.changes = changes;
    this.feeds = feeds;
    this.options = options;
    this.last = options.since();
    this.waits = options.kind() != Kind.NORMAL && !options.descending();
  }

  /** Reads the first changes ahead; returns the latest update of the database they saw. */
  Sequence readFirst() {
    Changes.Batch batch = changes.read(last, options.limit(), false);
    first = Optional.of(batch);
    return batch.last();
  }

  void write(HttpServletResponse response) throws IOException {
    WaitingFeeds.Place place = waits ? feeds.enter(options.filter().bytes()) : () -> {};
    try {
      if (options.kind() == Kind.EVENTSOURCE) {
        response.setHeader("Cache-Control", "no-cache");
      }
      JsonStream stream = new JsonStream(response, 200, options.kind().contentType());
      if (options.kind().isOneObject()) {
        stream.buffer().raw("{\"results\":[\n");
      }
      quietSince = System.nanoTime();
      boolean goesOn = true;
      while (goesOn) {
        Optional<Watch> watch = sendAll(stream);
        goesOn = watch.isPresent() && awaitChange(stream, watch.get());
      }
      end(stream);
    } finally {
      place.leave();
    }
  }

  /**
   * Sends the changes there are.
   *
   * @return a watch for the next one, where the feed is to go on
   */
  private Optional<Watch> sendAll(JsonStream stream) throws IOException {
    while (answered < options.limit() && !over) {
      boolean watch = waits && !(options.kind() == Kind.LONGPOLL && answered > 0);
      Changes.Batch batch;
      try {
        batch =
            first.isPresent()
                ? first.get()
                : changes.read(last, options.limit() - answered, watch);
        first = Optional.empty();
      } catch (StorageException.DatabaseNotFound e) {
        atEnd = true; // deleted while the feed was open
        return Optional.empty();
      }
      try {
        for (Changes.Change change : batch.changes()) {
          send(stream, change);
        }
      } catch (IOException | RuntimeException e) {
        batch.watch().ifPresent(Watch::close);
        throw e;
      }
      last = batch.position();
      looked = looked.flatMap(before -> batch.looked().map(more -> before + more));
      atEnd = batch.atEnd();
      if (!atEnd) {
        over = !staysOpen(stream) || waits && feeds.isStopping();
        continue;
      }
      if (!options.descending() && !last.isAfter(batch.last())) {
        last = batch.last();
      }
      boolean done =
          answered >= options.limit() || options.kind() == Kind.LONGPOLL && answered > 0;
      if (done) {
        batch.watch().ifPresent(Watch::close);
        return Optional.empty();
      }
      return batch.watch();
    }
    return Optional.empty();
  }

  private void send(JsonStream stream, Changes.Change change) throws IOException {
    JsonBuffer out = stream.buffer();
    boolean hasSequence = (options.limit() - answered) % options.interval() == 0;
    String sequence = hasSequence ? '"' + change.sequence().toString() + '"' : "null";
    if (options.kind().isOneObject() && answered > 0) {
      out.raw(",\r\n");
    } else if (options.kind() == Kind.EVENTSOURCE) {
      out.raw("data: ");
    }
    answered++;
    out.raw("{\"seq\":").raw(sequence).raw(",\"id\":").string(change.id());
    out.raw(",\"changes\":[");
    boolean first = true;
    for (Revision revision : change.revisions()) {
      out.raw(first ? "{\"rev\":" : ",{\"rev\":").string(revision.toString()).raw('}');
      first = false;
    }
    out.raw(']').raw(change.deleted() ? ",\"deleted\":true" : "");
    change
        .json()
        .map(options.filter().projection())
        .ifPresent(json -> out.raw(",\"doc\":").raw(json));
    out.raw('}');
    if (options.kind() == Kind.CONTINUOUS) {
      out.raw('\n');
    } else if (options.kind() == Kind.EVENTSOURCE) {
      out.raw("\nid: ").raw(sequence).raw("\n\n");
    }
    quietSince = System.nanoTime();
    stream.checkpoint();
  }

  /** Waits; whether there may be more to send. */
  private boolean awaitChange(JsonStream stream, Watch watch) throws IOException {
    try (watch) {
      if (!hasWaited) {
        hasWaited = true;
        quietSince = System.nanoTime();
        if (answered == 0) {
          stream.buffer().raw('\n'); // so that the client sees the answer begin
        }
      }
      stream.flush();
      while (!feeds.isStopping()) {
        long left = quietMax().toNanos() - (System.nanoTime() - quietSince);
        if (left > 0 && feeds.await(watch, Duration.ofNanos(left))) {
          return true;
        }
        if (feeds.isStopping() || !staysOpen(stream)) {
          break;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private Duration quietMax() {
    return options.heartbeat().orElse(waits ? options.timeout() : WORKING);
  }

  /** Sends a heartbeat when one is due; false when the feed's time is over. */
  private boolean staysOpen(JsonStream stream) throws IOException {
    if (System.nanoTime() - quietSince < quietMax().toNanos()) {
      return true;
    }
    if (waits && options.heartbeat().isEmpty()) {
      return false;
    }
    boolean events = options.kind() == Kind.EVENTSOURCE;
    stream.buffer().raw(events ? "event: heartbeat\ndata: \n\n" : "\n");
    stream.flush();
    quietSince = System.nanoTime();
    return true;
  }

  private void end(JsonStream stream) throws IOException {
    if (options.kind() == Kind.EVENTSOURCE) {
      if (answered >= options.limit() || !hasWaited) {
        stream.buffer().raw('\n');
      }
      stream.end();
      return;
    }
    long pending = pending();
    JsonBuffer out = stream.buffer();
    out.raw(options.kind() == Kind.CONTINUOUS ? "{" : "\n],\n");
    out.raw("\"last_seq\":\"").raw(last.toString());
    out.raw("\",\"pending\":").number(pending).raw("}\n\n");
    stream.end();
  }

  private long pending() {
    if (atEnd) {
      return 0;
    }
    boolean fromZero = options.since().isZero();
    try {
      return changes.pending(last, fromZero ? looked : Optional.empty());
    } catch (StorageException.DatabaseNotFound e) {
      return 0;
    }
  }
}
