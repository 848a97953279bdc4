package io.divan.api.changes;

import io.divan.api.http.ApiException;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.Parameters;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.Responses;
import io.divan.api.session.Callers;
import io.divan.document.Action;
import io.divan.document.AttachmentOptions;
import io.divan.document.Changes;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.Principal;
import io.divan.document.revision.Sequence;
import io.divan.security.Authenticator;
import io.divan.security.Caller;
import io.divan.storage.StorageException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;

/** {@code _changes}: the changes of a database, up to now or as they happen. */
@Controller
@RequiresDatabase(Action.LIST)
final class ChangesController {
  private static final Duration TIMEOUT_MAX = Duration.ofSeconds(60);
  private static final int MILLIS_DIGITS_MAX = 9;
  private static final String LAST_EVENT_ID = "last-event-id";

  /** CouchDB's default. With {@code seq_interval}, it decides which rows have a sequence. */
  private static final long LIMIT_DEFAULT = 1_000_000_000_000_000L;

  private final Databases databases;
  private final RequestBodies bodies;
  private final WaitingFeeds feeds;
  private final Authenticator authenticator;
  private final DocumentMeters meters;

  ChangesController(
      Databases databases,
      RequestBodies bodies,
      WaitingFeeds feeds,
      Authenticator authenticator,
      DocumentMeters meters) {
    this.meters = meters;
    this.authenticator = authenticator;
    this.databases = databases;
    this.bodies = bodies;
    this.feeds = feeds;
  }

  @GetMapping(Paths.DATABASE + "/_changes")
  void get(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    answer(databases.open(db, principal), false, Optional.empty(), request, response);
  }

  /** Like GET, except that the body contains the parameters of the filter. */
  @PostMapping(Paths.DATABASE + "/_changes")
  void post(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    RequestBodies.expectJson(request);
    byte[] body = bodies.bytes(request);
    Optional<RequestedFilter.Body> read =
        body.length > 0 ? Optional.of(RequestedFilter.Body.read(body)) : Optional.empty();
    answer(database, true, read, request, response);
  }

  private void answer(
      Database database,
      boolean post,
      Optional<RequestedFilter.Body> body,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Parameters parameters = Parameters.of(request);
    ChangesFeed.Kind kind = kind(parameters);
    Optional<Duration> heartbeat = heartbeat(parameters);
    Duration timeout = timeout(parameters);
    long limit = limit(parameters);
    long seqInterval = seqInterval(parameters);
    boolean allLeaves = allLeaves(parameters);
    RequestedFilter filter = RequestedFilter.of(database, parameters, post, body);
    AttachmentOptions attachments =
        new AttachmentOptions(
            parameters.isTrue("attachments"),
            parameters.isTrue("att_encoding_info"),
            List.of());
    Changes.Query query =
        new Changes.Query(
            parameters.isTrue("descending"),
            parameters.isTrue("include_docs"),
            parameters.isTrue("conflicts"),
            allLeaves,
            filter.filter(),
            attachments);
    // As in CouchDB, a descending feed ignores `since` and begins at the latest change.
    Sequence since =
        query.descending() ? Sequence.ZERO : since(database, parameters, kind, request);
    ChangesFeed feed =
        new ChangesFeed(
            database.changes(query),
            feeds,
            new ChangesFeed.Options(
                kind,
                since,
                query.descending(),
                limit,
                seqInterval,
                heartbeat,
                timeout,
                filter,
                attachments.encodingInfo(),
                permitted(database, Callers.of(request))),
            meters);
    boolean head = "HEAD".equals(request.getMethod());
    if (kind == ChangesFeed.Kind.NORMAL) {
      Sequence latest = head || limit == 0 ? database.updateSequence() : feed.readFirst();
      String tag = tag(latest, request, body);
      if (Responses.isNotModified(request, response, tag)) {
        return;
      }
    }
    if (head) {
      response.setContentType(kind.contentType());
      return;
    }
    feed.write(response);
  }

  /** Whether a feed's user may still read it; costs a read of the database's settings. */
  private BooleanSupplier permitted(Database database, Caller caller) {
    return () -> {
      if (!authenticator.isStill(caller)) {
        return false;
      }
      try {
        database.check(Action.LIST);
        return true;
      } catch (DocumentException | StorageException.DatabaseNotFound e) {
        return false;
      }
    };
  }

  /**
   * The ETag of a normal feed: the same request has the same response until the next update. (A
   * database that is deleted and recreated has new sequences, except while it is empty.)
   */
  private static String tag(
      Sequence latest, HttpServletRequest request, Optional<RequestedFilter.Body> body) {
    String query = Optional.ofNullable(request.getQueryString()).orElse("");
    ByteArrayOutputStream hashed = new ByteArrayOutputStream();
    hashed.writeBytes((latest + "\0" + query + '\0').getBytes(StandardCharsets.UTF_8));
    body.ifPresent(read -> hashed.writeBytes(read.json()));
    return Responses.etag(hashed.toByteArray());
  }

  private static ChangesFeed.Kind kind(Parameters parameters) {
    return switch (parameters.get("feed").orElse("normal")) {
      case "normal" -> ChangesFeed.Kind.NORMAL;
      case "longpoll" -> ChangesFeed.Kind.LONGPOLL;
      case "continuous", "live" -> ChangesFeed.Kind.CONTINUOUS;
      case "eventsource" -> ChangesFeed.Kind.EVENTSOURCE;
      default ->
          throw ApiException.badRequest(
              "Supported `feed` types: normal, continuous, live, longpoll, eventsource");
    };
  }

  private static boolean allLeaves(Parameters parameters) {
    return switch (parameters.get("style").orElse("main_only")) {
      case "main_only" -> false;
      case "all_docs" -> true;
      default ->
          throw ApiException.badRequest("Supported `style` values: main_only, all_docs");
    };
  }

  private static Optional<Duration> heartbeat(Parameters parameters) {
    Optional<String> given = parameters.get("heartbeat");
    if (given.isEmpty()) {
      return Optional.empty();
    }
    if (given.get().equals("true")) {
      return Optional.of(TIMEOUT_MAX);
    }
    if (!given.get().matches("[+-]?[0-9]{1," + MILLIS_DIGITS_MAX + "}")) {
      throw ApiException.badRequest(
          "Invalid heartbeat value. Expecting a positive integer value (in milliseconds).");
    }
    int millis = Integer.parseInt(given.get());
    if (millis < 1) {
      throw ApiException.badRequest(
          "The heartbeat value should be a positive integer (in milliseconds).");
    }
    return Optional.of(capped(Duration.ofMillis(millis)));
  }

  private static Duration timeout(Parameters parameters) {
    String given = parameters.get("timeout").orElse(String.valueOf(TIMEOUT_MAX.toMillis()));
    if (!given.matches("[0-9]{1," + MILLIS_DIGITS_MAX + "}")) {
      throw ApiException.badRequest(
          "Invalid timeout value. Expecting a positive integer value (in milliseconds).");
    }
    return capped(Duration.ofMillis(Integer.parseInt(given)));
  }

  /** Limits a duration as CouchDB does, so that a disconnected client is noticed in time. */
  private static Duration capped(Duration given) {
    return given.compareTo(TIMEOUT_MAX) < 0 ? given : TIMEOUT_MAX;
  }

  /** The limit. A negative number means no limit, as in CouchDB. */
  private static long limit(Parameters parameters) {
    return parameters.get("limit").orElse("").startsWith("-")
        ? LIMIT_DEFAULT
        : parameters.count("limit", LIMIT_DEFAULT);
  }

  /** {@code seq_interval}: one in this many rows has a sequence. */
  private static long seqInterval(Parameters parameters) {
    String given = parameters.get("seq_interval").orElse("1");
    if (!given.matches("\\+?0*[1-9][0-9]{0,17}")) {
      throw ApiException.badRequest("invalid_seq_interval");
    }
    return Long.parseLong(given);
  }

  private static Sequence since(
      Database database,
      Parameters parameters,
      ChangesFeed.Kind kind,
      HttpServletRequest request) {
    String inQuery = parameters.first("since", LAST_EVENT_ID).orElse("0");
    String inHeader = request.getHeader(LAST_EVENT_ID);
    // A browser that reconnects sends this header; its URL is still the original one.
    String given =
        kind == ChangesFeed.Kind.EVENTSOURCE && inHeader != null ? inHeader : inQuery;
    String text =
        given.length() > 2 && given.startsWith("\"") && given.endsWith("\"")
            ? given.substring(1, given.length() - 1)
            : given;
    if (given.equals("0")) {
      return Sequence.ZERO;
    }
    if (given.equals("now")) {
      return database.updateSequence();
    }
    return Sequence.parse(text)
        .orElseThrow(
            () -> ApiException.badRequest("Malformed sequence supplied in 'since' parameter."));
  }
}
