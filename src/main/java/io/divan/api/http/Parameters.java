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
 * The parameters of a request's query string, or the fields of a form. If a name occurs twice, the
 * last value counts. The servlet API's parameters are not used, because they include the fields of
 * a form in the body.
 */
public final class Parameters {
  private final Map<String, String> values;

  private Parameters(Map<String, String> values) {
    this.values = values;
  }

  public static Parameters of(HttpServletRequest request) {
    String query = request.getQueryString();
    return query == null ? new Parameters(Map.of()) : ofForm(query);
  }

  /** The fields of a form in the encoding {@code application/x-www-form-urlencoded}. */
  public static Parameters ofForm(String encoded) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String pair : encoded.split("&")) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      if (!name.isEmpty()) {
        values.put(name, equals < 0 ? "" : decode(pair.substring(equals + 1)));
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

  /** Passes all parameters to the action, in their order. */
  public void forEach(BiConsumer<String, String> action) {
    values.forEach(action);
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** Whether a parameter is exactly {@code true}; any other value means false. */
  public boolean isTrue(String name) {
    return "true".equals(values.get(name));
  }

  /** Parses {@code true} or {@code false}, in upper or lower case. */
  public static boolean flag(String value) {
    if (value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false")) {
      return value.equalsIgnoreCase("true");
    }
    throw ApiException.badQuery("Invalid boolean parameter: " + quote(value));
  }

  /** A parameter that must be an integer of at least 0. */
  public long count(String name, long defaultValue) {
    return get(name).map(value -> count(value, quote(value))).orElse(defaultValue);
  }

  /**
   * Parses an integer of at least 0.
   *
   * @param quoted the value as an error message shows it
   * @return {@link Long#MAX_VALUE} for a value of more than 18 characters
   */
  public static long count(String value, String quoted) {
    if (!value.matches("[+-]?[0-9]+")) {
      throw ApiException.badQuery("Invalid value for integer: " + quoted);
    }
    if (value.startsWith("-") && !value.matches("-0+")) {
      throw ApiException.badQuery("Invalid value for positive integer: " + quoted);
    }
    return value.length() > 18 ? Long.MAX_VALUE : Long.parseLong(value);
  }

  /** Quotes a value as CouchDB's error messages do. */
  public static String quote(String value) {
    return value.isEmpty()
        ? "[]"
        : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** A parameter that must be a revision. */
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
