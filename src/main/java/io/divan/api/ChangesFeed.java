package io.divan.api;

import io.divan.document.Changes;
import io.divan.document.JsonBuffer;
import io.divan.document.Revision;
import io.divan.storage.StorageException;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Writes one feed of changes.
 *
 * <ol>
 *   <li>Changes are answered in the order of their commits, none twice, none left out.
 *   <li>A feed that waits has sent everything it has, holds no transaction, and waits on a watch
 *       that was armed against the very snapshot in which it found no more changes.
 *   <li>It ends with its closing line when its time or limit is over, when its database is deleted
 *       and when the service stops; when the client has gone it ends at the next byte it sends.
 * </ol>
 */
final class ChangesFeed {

  /** How a feed goes on when there are no more changes. */
  enum Kind {
    /** It ends. */
    NORMAL,
    /** It waits for the first change, then ends. */
    LONGPOLL,
    /** It waits for more. */
    CONTINUOUS
  }

  /**
   * What was asked for.
   *
   * @param kind how it goes on at the end
   * @param since where it begins
   * @param descending from the latest change back
   * @param limit the most changes it answers
   * @param heartbeat how often it sends a line feed while it waits; then there is no time-out
   * @param timeout how long it waits for the next change
   */
  record Options(
      Kind kind,
      Versionstamp since,
      boolean descending,
      long limit,
      Optional<Duration> heartbeat,
      Duration timeout) {}

  private final Changes changes;
  private final Feeds feeds;
  private final Options options;
  private Versionstamp last;
  private long answered;
  private boolean atEnd;
  private boolean greeted;

  ChangesFeed(Changes changes, Feeds feeds, Options options) {
    this.changes = changes;
    this.feeds = feeds;
    this.options = options;
    this.last = options.since();
  }

  void write(HttpServletResponse response) throws IOException {
    boolean waits = options.kind() != Kind.NORMAL && !options.descending();
    if (waits) {
      feeds.enter();
    }
    try {
      JsonStream stream = new JsonStream(response, 200);
      if (options.kind() != Kind.CONTINUOUS) {
        stream.buffer().raw("{\"results\":[\n");
      }
      boolean goesOn = true;
      while (goesOn) {
        Optional<Watch> watch = sendAll(stream, waits);
        goesOn = watch.isPresent() && awaitChange(stream, watch.get());
      }
      end(stream);
    } finally {
      if (waits) {
        feeds.leave();
      }
    }
  }

  /**
   * Sends the changes there are.
   *
   * @return a watch for the next one, where the feed is to go on
   */
  private Optional<Watch> sendAll(JsonStream stream, boolean waits) throws IOException {
    while (answered < options.limit()) {
      boolean watch = waits && !(options.kind() == Kind.LONGPOLL && answered > 0);
      Changes.Batch batch;
      try {
        batch = changes.read(last, options.limit() - answered, watch);
      } catch (StorageException.DatabaseNotFound e) {
        atEnd = true; // deleted while the feed was open
        return Optional.empty();
      }
      try {
        for (Changes.Change change : batch.changes()) {
          send(stream, change);
        }
      } catch (IOException e) {
        batch.watch().ifPresent(Watch::close);
        throw e;
      }
      atEnd = batch.atEnd();
      if (!atEnd) {
        continue;
      }
      if (!options.descending() && batch.last().compareTo(last) > 0) {
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
    if (options.kind() != Kind.CONTINUOUS && answered > 0) {
      out.raw(",\r\n");
    }
    answered++;
    last = change.sequence();
    out.raw("{\"seq\":\"").raw(last.toString()).raw("\",\"id\":").string(change.id());
    out.raw(",\"changes\":[");
    boolean first = true;
    for (Revision revision : change.revisions()) {
      out.raw(first ? "{\"rev\":" : ",{\"rev\":").string(revision.toString()).raw('}');
      first = false;
    }
    out.raw(']').raw(change.deleted() ? ",\"deleted\":true" : "");
    change.json().ifPresent(json -> out.raw(",\"doc\":").raw(json));
    out.raw(options.kind() == Kind.CONTINUOUS ? "}\n" : "}");
    stream.checkpoint();
  }

  /** Waits; whether there may be more to send. */
  private boolean awaitChange(JsonStream stream, Watch watch) throws IOException {
    try (watch) {
      if (answered == 0 && !greeted) {
        greeted = true;
        stream.buffer().raw('\n'); // so that the client sees the answer begin
      }
      stream.flush();
      Duration step = options.heartbeat().orElse(options.timeout());
      while (!feeds.isStopping()) {
        if (feeds.await(watch, step)) {
          return true;
        }
        if (options.heartbeat().isEmpty() || feeds.isStopping()) {
          break;
        }
        stream.buffer().raw('\n');
        stream.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private void end(JsonStream stream) throws IOException {
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
    boolean fromZero = options.since().equals(Versionstamp.ZERO);
    try {
      return changes.pending(last, fromZero ? Optional.of(answered) : Optional.empty());
    } catch (StorageException.DatabaseNotFound e) {
      return 0;
    }
  }
}
