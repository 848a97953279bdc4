package io.divan.api.http;

import io.divan.document.revision.Revision;
import io.divan.json.JsonValue;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The options of a request: those of its query string, and for some resources the members of its
 * body, which the query string overrides. The query string is read here and not by the container,
 * which would take a form's body for more of it. Of a name that occurs twice the last value counts.
 */
public final class Parameters {
  private final Map<String, String> values;

  private Parameters(Map<String, String> values) {
    this.values = values;
  }

  public static Parameters of(HttpServletRequest request) {
    Map<String, String> values = new LinkedHashMap<>();
    String query = request.getQueryString();
    if (query != null) {
      for (String pair : query.split("&")) {
        int equals = pair.indexOf('=');
        String name = decode(equals < 0 ? pair : pair.substring(0, equals));
        if (!name.isEmpty()) {
          values.put(name, equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
      }
    }
    return new Parameters(values);
  }

  private static String decode(String encoded) {
    return Percent.text(Percent.decode(encoded))
        .orElseThrow(() -> ApiException.badRequest("invalid_url_encoding"));
  }

  public Optional<String> get(String name) {
    return Optional.ofNullable(values.get(name));
  }

  public Optional<String> first(String name, String alias) {
    return get(name).or(() -> get(alias));
  }

  /** Hands over all options, in their order. */
  public void forEach(BiConsumer<String, String> action) {
    values.forEach(action);
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** Whether an option is exactly {@code true}; anything else counts as false. */
  public boolean isTrue(String name) {
    return "true".equals(values.get(name));
  }

  /** Text that must be {@code true} or {@code false}, of either case. */
  public static boolean flag(String value) {
    if (value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false")) {
      return value.equalsIgnoreCase("true");
    }
    throw ApiException.badQuery("Invalid boolean parameter: " + quote(value));
  }

  /** An option that must be an integer of at least 0. */
  public long count(String name, long otherwise) {
    return get(name).map(value -> count(value, quote(value))).orElse(otherwise);
  }

  /** The same of a text; where it is none, the answer tells it so. */
  public static long count(String value, String told) {
    if (!value.matches("[+-]?[0-9]+")) {
      throw ApiException.badQuery("Invalid value for integer: " + told);
    }
    if (value.startsWith("-") && !value.matches("-0+")) {
      throw ApiException.badQuery("Invalid value for positive integer: " + told);
    }
    return value.length() > 18 ? Long.MAX_VALUE : Long.parseLong(value);
  }

  /** An option's text as CouchDB tells it. */
  public static String quote(String value) {
    return value.isEmpty()
        ? "[]"
        : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** An option that is a revision. */
  public Optional<Revision> revision(String name) {
    return get(name)
        .map(text -> Revision.parse(text).orElseThrow(ApiException::invalidRevision));
  }

  /** Parses a parameter's value as JSON. */
  public static JsonValue parse(String json) {
    return JsonValue.read(json.getBytes(StandardCharsets.UTF_8));
  }

  /** The elements of a parameter that is a JSON array; empty if it is another JSON value. */
  public static Optional<List<JsonValue>> elements(String json) {
    return parse(json) instanceof JsonValue.Arr(List<JsonValue> elements)
        ? Optional.of(elements)
        : Optional.empty();
  }
}
