package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.api.http.Responses;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;

/**
 * Runs the conversations in {@code src/test/resources/conversations} against the service, or
 * against the server that {@code -Ddivan.url=http://user:password@host:port} names: a CouchDB, to
 * check the responses recorded for it. {@code -Ddivan.rewrite=true} writes the actual responses
 * into the files, for review.
 */
final class Conversations {
  private static final Path FILES = Path.of("src", "test", "resources", "conversations");
  private static final List<String> HEADERS =
      List.of("Allow", "Content-Type", "ETag", "Location", "Retry-After", "WWW-Authenticate");

  private static final String REQUEST_ID = "X-Couch-Request-ID";
  private static final Pattern MADE_ID = Pattern.compile("[0-9a-f]{10}");
  private static final String GZIP = "{gzip}";
  private static final String UNEXPLAINED = "?";

  private final Http http;
  private final boolean other = System.getProperty("divan.url") != null;
  private final boolean rewrite = Boolean.getBoolean("divan.rewrite");

  private Conversations(Http service) {
    http = other ? new Http(System.getProperty("divan.url")) : service;
  }

  /** Runs one conversation, and reports all steps that failed. */
  static void hold(String name, Http service) {
    new Conversations(service).hold(name);
  }

  /** Runs a conversation that only applies to Divan. */
  static void holdWithOurs(String name, Http service) {
    Conversations conversations = new Conversations(service);
    assumeThat(conversations.other).isFalse();
    conversations.hold(name);
  }

  private void hold(String name) {
    Path file = FILES.resolve(name + ".txt");
    String db = "conversation-" + name;
    List<String> problems = new ArrayList<>();
    List<Conversation.Step> steps = new ArrayList<>();
    if (other) {
      deleteDatabases(db); // an aborted run may have left some
    }
    try {
      String text = Files.readString(file);
      Conversation conversation = Conversation.parse(text);
      Placeholders placeholders = new Placeholders(text, db, http.url(), !other);
      for (Conversation.Step step : conversation.steps()) {
        steps.add(exchange(step, placeholders, problems));
      }
      if (rewrite) {
        Files.writeString(file, new Conversation(conversation.title(), steps).print());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      deleteDatabases(db);
    }
    assertThat(problems).as(problems.size() + " steps of " + file).isEmpty();
  }

  private Conversation.Step exchange(
      Conversation.Step step, Placeholders placeholders, List<String> problems) {
    HttpAnswer answer =
        http.send(
            step.method(),
            placeholders.fill(step.target()),
            headers(step, placeholders),
            step.body().map(placeholders::fill).map(Conversations::bytes));
    Conversation.Answer expected =
        other
            ? step.couchDb().map(Conversation.Deviation::answer).orElse(step.ours())
            : step.ours();
    boolean matches = matches(step, expected, answer, placeholders);
    if (matches) {
      if (step.couchDb().map(Conversation.Deviation::reason).equals(Optional.of(UNEXPLAINED))) {
        problems.add(request(step) + "\nThe reason why CouchDB's response differs is missing.");
      }
      return step;
    }
    Conversation.Answer actual = abstracted(step, answer, placeholders);
    problems.add(request(step) + "\nexpected " + expected + "\nbut got  " + actual + "\n");
    return rewritten(step, actual);
  }

  private Conversation.Step rewritten(Conversation.Step step, Conversation.Answer actual) {
    if (other) {
      String reason = step.couchDb().map(Conversation.Deviation::reason).orElse(UNEXPLAINED);
      return step.withOurs(
          step.ours(), Optional.of(new Conversation.Deviation(reason, actual)));
    }
    return step.withOurs(
        actual,
        step.couchDb().or(() -> Optional.of(new Conversation.Deviation(UNEXPLAINED, step.ours()))));
  }

  private static String request(Conversation.Step step) {
    return "\n" + step.method() + " " + step.target() + " " + step.headers() + " "
        + step.body().orElse("");
  }

  /** The headers of a step. Defaults: a JSON body, and any response type. */
  private List<String> headers(Conversation.Step step, Placeholders placeholders) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Accept", "*/*");
    for (String line : http.credentials()) {
      headers.put("Authorization", line.substring(line.indexOf(' ') + 1));
    }
    if (step.body().isPresent()) {
      headers.put("Content-Type", "application/json");
    }
    for (String header : step.headers()) {
      String[] parts = placeholders.fill(header).split(":", 2);
      headers.put(parts[0], parts[1].strip());
    }
    List<String> lines = new ArrayList<>();
    headers.forEach(
        (name, value) -> {
          if (!value.isEmpty()) {
            lines.add(name + ": " + value);
          }
        });
    return lines;
  }

  private static boolean matches(
      Conversation.Step step,
      Conversation.Answer expected,
      HttpAnswer answer,
      Placeholders placeholders) {
    if (expected.status() != answer.status()) {
      return false;
    }
    Map<String, String> actual = headers(step, answer);
    return expected.headers().keySet().equals(actual.keySet())
        && expected.headers().entrySet().stream()
            .allMatch(
                header -> placeholders.matches(header.getValue(), actual.get(header.getKey())))
        && placeholders.matchesBody(expected.body().orElse(""), withoutLineFeed(answer.text()));
  }

  private static Conversation.Answer abstracted(
      Conversation.Step step, HttpAnswer answer, Placeholders placeholders) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers(step, answer)
        .forEach((name, value) -> headers.put(name, placeholders.abstracted(value)));
    return new Conversation.Answer(
        answer.status(),
        headers,
        Optional.of(withoutLineFeed(answer.text()))
            .filter(text -> !text.isEmpty())
            .map(placeholders::abstracted));
  }

  private static Map<String, String> headers(Conversation.Step step, HttpAnswer answer) {
    Map<String, String> some = new LinkedHashMap<>();
    for (String name : HEADERS) {
      answer
          .header(name)
          .filter(value -> !value.equals("application/json"))
          .filter(value -> !name.equals("ETag") || value.matches("\"[0-9]+-.*"))
          .ifPresent(value -> some.put(name, value));
    }
    if (step.headers().stream().anyMatch(header -> header.startsWith(REQUEST_ID + ":"))) {
      answer
          .header(REQUEST_ID)
          .map(id -> MADE_ID.matcher(id).matches() ? "{any}" : id)
          .ifPresent(id -> some.put(REQUEST_ID, id));
    }
    return some;
  }

  /** The bytes of a body, compressed if it begins with {@link #GZIP}. */
  private static byte[] bytes(String body) {
    if (!body.startsWith(GZIP)) {
      return body.getBytes(StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(body.substring(GZIP.length()).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  private static String withoutLineFeed(String body) {
    return body.endsWith("\n") ? body.substring(0, body.length() - 1) : body;
  }

  private void deleteDatabases(String prefix) {
    for (JsonNode name : http.get("/_all_dbs").json()) {
      if (name.stringValue().startsWith(prefix)) {
        http.delete("/" + Responses.encode(name.stringValue()));
      }
    }
  }
}
