package io.divan.api.changes;

import io.divan.api.attachment.ReducedJson;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.JsonStream;
import io.divan.api.http.Responses;
import io.divan.document.Changes;
import io.divan.document.DocumentException;
import io.divan.document.ShownAttachment;
import io.divan.document.revision.Revision;
import io.divan.document.revision.Sequence;
import io.divan.json.JsonBuffer;
import io.divan.storage.StorageException;
import io.divan.storage.Watch;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * Writes one changes feed.
 *
 * <ol>
 *   <li>The feed sends changes in commit order. It sends each change that passes the filter exactly
 *       once.
 *   <li>While it waits, it has sent everything it found, and holds no transaction and no buffer. It
 *       waits on a watch that was set in the same snapshot in which it found no further changes.
 *   <li>While it sends no changes, because there are none or none passes the filter, it sends a
 *       heartbeat whenever one is due. Without heartbeats, it ends once it has sent no change for
 *       the duration of its timeout.
 *   <li>It ends with its closing line when it reaches its timeout or limit, when the database is
 *       deleted, when its user loses access, and when the service stops. If the client disconnects,
 *       it ends the next time it sends something.
 * </ol>
 */
final class ChangesFeed {

  /** What a feed does after the last change, and its format. */
  enum Kind {
    /** Ends. */
    NORMAL,
    /** Waits for a change if it has sent none, then ends. */
    LONGPOLL,
    /** Waits for more changes. Each change is a line. */
    CONTINUOUS,
    /** Waits for more changes. Each change is an event for a browser's EventSource. */
    EVENTSOURCE;

    String contentType() {
      return this == EVENTSOURCE ? "text/event-stream" : Responses.JSON;
    }

    boolean isOneObject() {
      return this == NORMAL || this == LONGPOLL;
    }
  }

  /**
   * The parameters of the request.
   *
   * @param kind what the feed does after the last change
   * @param since the sequence after which it begins
   * @param descending whether it begins with the latest change
   * @param limit the maximum number of changes
   * @param seqInterval a change has a sequence if this divides the number of changes left to the
   *     limit
   * @param heartbeat the interval of heartbeats
   * @param timeout the time without a change after which a feed without heartbeats ends
   * @param filter selects the changes to send
   * @param encodingInfo whether documents say how the contents of attachments are stored
   * @param permitted whether the user may still read the feed
   */
  record Options(
      Kind kind,
      Sequence since,
      boolean descending,
      long limit,
      long seqInterval,
      Optional<Duration> heartbeat,
      Duration timeout,
      RequestedFilter filter,
      boolean encodingInfo,
      BooleanSupplier permitted) {}

  /** The interval of line feeds in a normal feed that finds no changes for long, as in CouchDB. */
  private static final Duration NORMAL_HEARTBEAT = Duration.ofSeconds(5);

  /** How often a waiting feed looks whether its user may still read it. */
  private static final Duration CHECK_ACCESS = Duration.ofSeconds(3);

  private final Changes changes;
  private final WaitingFeeds feeds;
  private final Options options;
  private final DocumentMeters meters;
  private final boolean waits;
  private Sequence last;
  private long sent;
  private Optional<Long> examined = Optional.of(0L);
  private boolean atEnd;
  private boolean ends;
  private boolean hasWaited;
  private WaitingFeeds.Permit permit = WaitingFeeds.Permit.NONE;
  private long lastSentNanos;
  private long checkedNanos = System.nanoTime();
  private Optional<Changes.Batch> first = Optional.empty();

  ChangesFeed(Changes changes, WaitingFeeds feeds, Options options, DocumentMeters meters) {
    this.meters = meters;
    this.changes = changes;
    this.feeds = feeds;
    this.options = options;
    this.last = options.since();
    this.waits = options.kind() != Kind.NORMAL && !options.descending();
  }

  /** Reads the first batch in advance. Returns the update sequence of its snapshot. */
  Sequence readFirst() {
    Changes.Batch batch = changes.read(last, options.limit(), false);
    first = Optional.of(batch);
    return batch.last();
  }

  void write(HttpServletResponse response) throws IOException {
    permit = waits ? feeds.acquire(options.filter().bytes()) : WaitingFeeds.Permit.NONE;
    try {
      if (options.kind() == Kind.EVENTSOURCE) {
        response.setHeader("Cache-Control", "no-cache");
      }
      JsonStream stream = new JsonStream(response, 200, options.kind().contentType());
      if (options.kind().isOneObject()) {
        stream.buffer().raw("{\"results\":[\n");
      }
      lastSentNanos = System.nanoTime();
      boolean continues = true;
      while (continues) {
        Optional<Watch> watch = sendAll(stream);
        continues = watch.isPresent() && awaitChange(stream, watch.get());
      }
      end(stream);
    } finally {
      permit.release();
    }
  }

  /**
   * Sends all changes up to now.
   *
   * @return a watch for the next change; empty if the feed ends
   */
  private Optional<Watch> sendAll(JsonStream stream) throws IOException {
    while (sent < options.limit() && !ends) {
      boolean watch = waits && !(options.kind() == Kind.LONGPOLL && sent > 0);
      Changes.Batch batch;
      try {
        batch =
            first.isPresent()
                ? first.get()
                : changes.read(last, options.limit() - sent, watch);
        first = Optional.empty();
      } catch (StorageException.DatabaseNotFound e) {
        atEnd = true; // deleted while the feed was open
        return Optional.empty();
      } catch (DocumentException.Forbidden | DocumentException.Unauthorized e) {
        if (!waits || !hasWaited) {
          throw e;
        }
        atEnd = true; // access was lost while the feed was open
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
      examined = examined.flatMap(before -> batch.looked().map(more -> before + more));
      atEnd = batch.atEnd();
      if (!atEnd) {
        ends = !staysOpen(stream) || permit.isEnded();
        continue;
      }
      if (!options.descending() && !last.isAfter(batch.last())) {
        last = batch.last();
      }
      boolean done =
          sent >= options.limit() || options.kind() == Kind.LONGPOLL && sent > 0;
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
    boolean hasSequence = (options.limit() - sent) % options.seqInterval() == 0;
    if (options.kind().isOneObject() && sent > 0) {
      out.raw(",\r\n");
    } else if (options.kind() == Kind.EVENTSOURCE) {
      out.raw("data: ");
    }
    sent++;
    appendSequence(out.raw("{\"seq\":"), change, hasSequence);
    out.raw(",\"id\":").string(change.id());
    out.raw(",\"changes\":[");
    boolean first = true;
    for (Revision revision : change.revisions()) {
      out.raw(first ? "{\"rev\":" : ",{\"rev\":").string(revision.toString()).raw('}');
      first = false;
    }
    out.raw(']').raw(change.deleted() ? ",\"deleted\":true" : "");
    if (change.json().isPresent()) {
      out.raw(",\"doc\":");
      sendDocument(stream, change.json().get(), change.attachments());
    }
    out.raw('}');
    if (options.kind() == Kind.CONTINUOUS) {
      out.raw('\n');
    } else if (options.kind() == Kind.EVENTSOURCE) {
      appendSequence(out.raw("\nid: "), change, hasSequence);
      out.raw("\n\n");
    }
    lastSentNanos = System.nanoTime();
    stream.checkpoint();
  }

  private void sendDocument(
      JsonStream stream, byte[] json, List<ShownAttachment> attachments) throws IOException {
    UnaryOperator<byte[]> projection = options.filter().projection();
    if (attachments.isEmpty()) {
      byte[] sent = projection.apply(json);
      meters.read(sent, attachments);
      stream.buffer().raw(sent);
      return;
    }
    ReducedJson reduced =
        new ReducedJson(json, attachments, options.encodingInfo(), projection);
    meters.read(reduced.json(), reduced.selected());
    reduced.write(stream);
  }

  private static void appendSequence(
      JsonBuffer out, Changes.Change change, boolean hasSequence) {
    if (!hasSequence) {
      out.raw("null");
      return;
    }
    Sequence sequence = change.sequence();
    out.raw('"').number(sequence.number()).raw('-').raw(sequence.stamp().toString()).raw('"');
  }

  /** Waits for a change. Returns false if the feed ends instead. */
  private boolean awaitChange(JsonStream stream, Watch watch) throws IOException {
    try (watch) {
      if (!hasWaited) {
        hasWaited = true;
        lastSentNanos = System.nanoTime();
        if (sent == 0) {
          stream.buffer().raw('\n'); // the client sees that the response has begun
        }
      }
      stream.flush();
      while (!permit.isEnded()) {
        long left = silenceMax().toNanos() - (System.nanoTime() - lastSentNanos);
        long wait = Math.min(left, CHECK_ACCESS.toNanos());
        if (left > 0 && permit.await(watch, Duration.ofNanos(wait))) {
          return isPermitted();
        }
        if (permit.isEnded() || !isPermitted() || !staysOpen(stream)) {
          break;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      feeds.awaited(watch);
    }
    return false;
  }

  /** Whether the user may still read the feed; looks once in {@link #CHECK_ACCESS}. */
  private boolean isPermitted() {
    if (System.nanoTime() - checkedNanos >= CHECK_ACCESS.toNanos()) {
      checkedNanos = System.nanoTime();
      return options.permitted().getAsBoolean();
    }
    return true;
  }

  private Duration silenceMax() {
    return options.heartbeat().orElse(waits ? options.timeout() : NORMAL_HEARTBEAT);
  }

  /** Sends a heartbeat if one is due. Returns false if the feed has reached its timeout. */
  private boolean staysOpen(JsonStream stream) throws IOException {
    if (System.nanoTime() - lastSentNanos < silenceMax().toNanos()) {
      return true;
    }
    if (waits && options.heartbeat().isEmpty()) {
      return false;
    }
    boolean events = options.kind() == Kind.EVENTSOURCE;
    stream.buffer().raw(events ? "event: heartbeat\ndata: \n\n" : "\n");
    stream.flush();
    lastSentNanos = System.nanoTime();
    return true;
  }

  private void end(JsonStream stream) throws IOException {
    if (options.kind() == Kind.EVENTSOURCE) {
      if (sent >= options.limit() || !hasWaited) {
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
      return changes.pending(last, fromZero ? examined : Optional.empty());
    } catch (StorageException.DatabaseNotFound
        | DocumentException.Forbidden
        | DocumentException.Unauthorized e) {
      return 0;
    }
  }
}
