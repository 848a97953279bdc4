package io.divan.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Requests and their expected responses, as text. Empty lines separate the steps:
 *
 * <pre>
 * # what this step shows
 * &gt; PUT /{db}/a
 * &gt; If-Match: "1-{h1}"
 * | {"a":1}
 * &lt; 201
 * &lt; ETag: "2-{h2}"
 * | {"ok":true,"id":"a","rev":"2-{h2}"}
 * ! The reason why CouchDB's response differs, which follows.
 * ~ 500
 * | {"error":"badarg","reason":"undefined"}
 * </pre>
 *
 * <p>Lines of bodies begin with a vertical bar. A carriage return is written as ␍, and the line
 * feed at the end of a body is omitted. Placeholders: {@code {db}} is the name of a database of
 * this run, {@code {url}} the server's address, {@code {h1}} 32 hexadecimal digits, and {@code
 * {s1}} a sequence, each with the same value wherever it occurs; {@code {any}} is any text. A
 * request body that begins with {@code {gzip}} is sent compressed. The {@code X-Couch-Request-ID}
 * of a response is recorded if the request has one, as {@code {any}} if the server generated it.
 *
 * @param title the comment at the top
 * @param steps the steps in order
 */
record Conversation(List<String> title, List<Step> steps) {

  /**
   * An expected response, with placeholders.
   *
   * @param headers the headers to compare, by name
   */
  record Answer(int status, Map<String, String> headers, Optional<String> body) {}

  /**
   * CouchDB's response, if it differs.
   *
   * @param reason why Divan's response differs
   */
  record Deviation(String reason, Answer answer) {}

  /**
   * One request with its response.
   *
   * @param comments what the step shows
   * @param headers as {@code Name: value}
   * @param ours Divan's response
   * @param couchDb CouchDB's response, if it differs
   */
  record Step(
      List<String> comments,
      String method,
      String target,
      List<String> headers,
      Optional<String> body,
      Answer ours,
      Optional<Deviation> couchDb) {

    Step withOurs(Answer answer, Optional<Deviation> other) {
      return new Step(comments, method, target, headers, body, answer, other);
    }
  }

  static Conversation parse(String text) {
    List<String> title = new ArrayList<>();
    List<Step> steps = new ArrayList<>();
    for (String block : text.strip().split("\n{2,}")) {
      List<String> lines = block.lines().toList();
      if (steps.isEmpty() && lines.stream().allMatch(line -> line.startsWith("#"))) {
        title.addAll(lines);
      } else {
        steps.add(new Reader(lines).step());
      }
    }
    return new Conversation(title, steps);
  }

  /** Reads the lines of one step. */
  private static final class Reader {
    private final List<String> lines;
    private int next;

    Reader(List<String> lines) {
      this.lines = lines;
    }

    Step step() {
      List<String> comments = taken("# ");
      List<String> request = taken("> ");
      Optional<String> body = body();
      Answer ours = answer("< ");
      List<String> reason = taken("! ");
      Optional<Deviation> couchDb =
          reason.isEmpty()
              ? Optional.empty()
              : Optional.of(new Deviation(String.join(" ", reason), answer("~ ")));
      if (next < lines.size() || request.isEmpty()) {
        throw new IllegalArgumentException("Not a step of a conversation: " + lines);
      }
      String[] line = request.getFirst().split(" ", 2);
      List<String> headers = request.subList(1, request.size());
      return new Step(comments, line[0], line[1], headers, body, ours, couchDb);
    }

    private List<String> taken(String prefix) {
      List<String> some = new ArrayList<>();
      while (next < lines.size() && lines.get(next).startsWith(prefix)) {
        some.add(lines.get(next++).substring(prefix.length()));
      }
      return some;
    }

    private Optional<String> body() {
      List<String> some = new ArrayList<>();
      while (next < lines.size() && lines.get(next).startsWith("|")) {
        String line = lines.get(next++);
        some.add(line.startsWith("| ") ? line.substring(2) : line.substring(1));
      }
      return some.isEmpty()
          ? Optional.empty()
          : Optional.of(String.join("\n", some).replace('␍', '\r'));
    }

    private Answer answer(String prefix) {
      List<String> head = taken(prefix);
      Map<String, String> headers = new LinkedHashMap<>();
      for (String header : head.subList(1, head.size())) {
        String[] parts = header.split(": ", 2);
        headers.put(parts[0], parts[1]);
      }
      return new Answer(Integer.parseInt(head.getFirst()), headers, body());
    }
  }

  String print() {
    StringBuilder text = new StringBuilder();
    title.forEach(line -> text.append(line).append('\n'));
    for (Step step : steps) {
      text.append('\n');
      step.comments().forEach(line -> text.append("# ").append(line).append('\n'));
      text.append("> ").append(step.method()).append(' ').append(step.target()).append('\n');
      step.headers().forEach(header -> text.append("> ").append(header).append('\n'));
      print(text, step.body());
      print(text, "< ", step.ours());
      step.couchDb()
          .ifPresent(
              other -> {
                text.append("! ").append(other.reason()).append('\n');
                print(text, "~ ", other.answer());
              });
    }
    return text.toString();
  }

  private static void print(StringBuilder text, String prefix, Answer answer) {
    text.append(prefix).append(answer.status()).append('\n');
    answer
        .headers()
        .forEach(
            (name, value) -> text.append(prefix).append(name).append(": ").append(value).append(
                '\n'));
    print(text, answer.body());
  }

  private static void print(StringBuilder text, Optional<String> body) {
    body.ifPresent(
        lines -> {
          for (String line : lines.replace('\r', '␍').split("\n", -1)) {
            text.append(line.isEmpty() ? "|" : "| ").append(line).append('\n');
          }
        });
  }
}
