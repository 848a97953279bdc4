package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.api.http.ApiException;
import io.divan.api.http.Percent;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Sends requests that may be invalid, on a persistent connection, and checks every response: it
 * arrives in time, is not 500, exposes no internals, and describes errors in JSON; afterwards, the
 * connection is usable or closed.
 */
final class FuzzClient implements AutoCloseable {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(20);
  private static final Duration FEED_MAX = Duration.ofMillis(30);
  private static final Pattern INSIDE =
      Pattern.compile(
          "Exception|\\.java:|\\bjava\\.|jakarta\\.|tools\\.jackson|org\\.apache|springframework"
              + "|io\\.divan|\\bat [A-Za-z.$]+\\(");

  private final Http http;
  private String former = "nothing";
  private Optional<HttpConnection> kept = Optional.empty();

  FuzzClient(Http http) {
    this.http = http;
  }

  /** Sends a request. Returns its response; empty if the connection was closed instead. */
  Optional<HttpAnswer> exchange(FuzzRequest request) throws IOException {
    boolean reused = kept.isPresent();
    HttpConnection connection = reused ? kept.get() : http.connect();
    kept = Optional.empty();
    boolean keeps = false;
    former = reused ? former : "nothing";
    try {
      boolean sent = send(connection.within(ANSWER_MAX), request);
      Optional<HttpAnswer> answer = read(connection, request);
      answer.ifPresent(some -> check(request, some));
      assertThat(answer.isPresent() || request.endsConnection() || !sent)
          .as("the response, after " + former)
          .isTrue();
      boolean goesOn = waits(request) && answer.filter(some -> some.status() == 200).isPresent();
      if (request.endsConnection() && !goesOn) {
        drain(connection, request);
      } else if (sent && answer.isPresent() && !waits(request)) {
        keeps = !"close".equals(answer.get().header("Connection").orElse(""));
        assertThat(keeps || ends(connection)).as("the end of the connection").isTrue();
      }
      return answer;
    } catch (SocketTimeoutException e) {
      throw new AssertionError("No response in time, after " + former, e);
    } finally {
      if (keeps) {
        kept = Optional.of(connection);
        former = request.toString();
      } else {
        connection.close();
      }
    }
  }

  /** Returns whether all was sent. A server may refuse a head without reading a large body. */
  private static boolean send(HttpConnection connection, FuzzRequest request) throws IOException {
    try {
      connection.send(request.bytes("localhost"));
      if (request.endsConnection()) {
        connection.endSending();
      }
      return true;
    } catch (SocketException e) {
      return false;
    }
  }

  private static boolean ends(HttpConnection connection) throws IOException {
    try {
      return connection.ends();
    } catch (SocketException e) {
      return true;
    }
  }

  private static Optional<HttpAnswer> read(HttpConnection connection, FuzzRequest request)
      throws IOException {
    HttpAnswer answer;
    try {
      answer =
          request.method().equals("HEAD") ? connection.answerToHead() : connection.answer();
    } catch (EOFException | SocketException e) {
      return Optional.empty();
    }
    if (answer.status() == 100) {
      return read(connection, request);
    }
    if (answer.status() == 200 && waits(request)) {
      return Optional.of(begun(connection, answer));
    }
    return Optional.of(answer.whole());
  }

  /** The part of a feed that arrives within a short time. */
  private static HttpAnswer begun(HttpConnection connection, HttpAnswer feed)
      throws IOException {
    connection.within(FEED_MAX);
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    byte[] some = new byte[8_192];
    long end = System.nanoTime() + FEED_MAX.toNanos();
    try {
      for (int count = 0; count >= 0 && System.nanoTime() < end;) {
        read.write(some, 0, count);
        count = feed.stream().read(some);
      }
    } catch (SocketTimeoutException e) {
      // the feed waits for changes
    }
    InputStream body = new ByteArrayInputStream(read.toByteArray());
    return new HttpAnswer(feed.status(), feed.headers(), body);
  }

  /** Whether the response may be endless. */
  private static boolean waits(FuzzRequest request) {
    String target = request.target();
    try {
      target = new String(Percent.decode(target), StandardCharsets.ISO_8859_1);
    } catch (ApiException e) {
      // invalid encoding, which is refused
    }
    return target.contains("_changes") && target.contains("feed");
  }

  /** Checks the responses that follow the response to a truncated request. */
  private void drain(HttpConnection connection, FuzzRequest request) throws IOException {
    try {
      while (true) {
        check(request, connection.answer().whole());
      }
    } catch (EOFException | SocketException e) {
      // the expected end
    }
  }

  private static void check(FuzzRequest request, HttpAnswer answer) {
    int status = answer.status();
    byte[] bytes;
    try {
      bytes = answer.bytes();
    } catch (UncheckedIOException e) {
      throw new AssertionError("The response is truncated", e);
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    String all = status + " " + answer.headers() + " " + text;
    assertThat(status < 500 || status == 501 || status == 505 || isOfQueries(request, status, text))
        .as(all)
        .isTrue();
    assertThat(INSIDE.matcher(answer.headers() + text).find()).as(all).isFalse();
    if (status >= 400 && bytes.length > 0) {
      assertThat(answer.header("Content-Type")).as(all).contains("application/json");
      JsonNode json;
      try {
        json = answer.json();
      } catch (JacksonException e) {
        throw new AssertionError(all, e);
      }
      assertThat(json.path("error").isString() && json.path("reason").isString()).as(all).isTrue();
    }
    boolean bodiless = request.method().equals("HEAD");
    boolean actuator = request.target().startsWith("/actuator/"); // Spring Boot's 404 is empty
    assertThat(status < 400 || bodiless || actuator || bytes.length > 0).as(all).isTrue();
  }

  /** Whether CouchDB has the same error for the request, or the service is asked for too early. */
  private static boolean isOfQueries(FuzzRequest request, int status, String text) {
    boolean list = request.method().equals("HEAD") && request.target().contains("_index");
    return switch (status) {
      case 500 -> list || text.contains("\"invalid_list_index_params\"");
      case 503 ->
          text.contains("\"required index service unavailable\"")
              || text.contains(" is still being built: retry later");
      default -> false;
    };
  }

  @Override
  public void close() throws IOException {
    if (kept.isPresent()) {
      kept.get().close();
    }
  }
}
