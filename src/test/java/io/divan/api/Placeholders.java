package io.divan.api;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The values of a conversation's placeholders. Compares texts that contain placeholders. */
final class Placeholders {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final Pattern NAME = Pattern.compile("\\{(db|url|any|[hs][0-9]+)}");
  private static final String HASH = "[0-9a-f]{32}";

  /** CouchDB's sequences. Divan's are a number and 24 hexadecimal digits. */
  private static final String COUCHDB_SEQUENCE = "[0-9]+-g[A-Za-z0-9_-]{20,}";

  private static final String SEQUENCE = "[0-9]+-[0-9a-f]{24}|" + COUCHDB_SEQUENCE;
  private static final Pattern OPAQUE =
      Pattern.compile(
          "(?<![0-9a-zA-Z])(?:" + HASH + "|" + SEQUENCE + ")(?![0-9a-zA-Z])");

  private final Map<String, String> values = new HashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final Set<String> sent = new HashSet<>();
  private final boolean sequencesLast;
  private int hashes;
  private int sequences;

  /**
   * Defines the placeholders whose values are known beforehand.
   *
   * @param text the conversation, whose placeholder names are not reused
   * @param sequencesLast whether the text of a sequence is the same in all responses
   */
  Placeholders(String text, String db, String url, boolean sequencesLast) {
    NAME.matcher(text).results().forEach(name -> taken.add(name.group(1)));
    values.put("db", db);
    values.put("url", url);
    this.sequencesLast = sequencesLast;
  }

  /** Replaces the placeholders of a request with their values. */
  String fill(String text) {
    String filled =
        NAME.matcher(text)
            .replaceAll(
                name -> Matcher.quoteReplacement(
                    Optional.ofNullable(values.get(name.group(1)))
                        .orElseThrow(
                            () -> new IllegalArgumentException(
                                name.group() + " is not known yet"))));
    OPAQUE.matcher(text).results().forEach(literal -> sent.add(literal.group()));
    return filled;
  }

  /** Whether a body is as expected. Compares JSON as values, anything else as text. */
  boolean matchesBody(String expected, String actual) {
    Optional<JsonNode> wanted = json(expected);
    Optional<JsonNode> given = json(actual);
    return wanted.isPresent() && given.isPresent()
        ? matches(wanted.get(), given.get())
        : matches(expected, actual);
  }

  private static Optional<JsonNode> json(String text) {
    try {
      return Optional.of(JSON.readTree(text)).filter(node -> !node.isMissingNode());
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private boolean matches(JsonNode expected, JsonNode actual) {
    if (expected.isString()) {
      return expected.stringValue().equals("{any}")
          || actual.isString() && matches(expected.stringValue(), actual.stringValue());
    }
    if (expected.isArray()) {
      boolean same = actual.isArray() && expected.size() == actual.size();
      for (int i = 0; same && i < expected.size(); i++) {
        same = matches(expected.get(i), actual.get(i));
      }
      return same;
    }
    if (expected.isObject()) {
      return actual.isObject()
          && expected.size() == actual.size()
          && expected.properties().stream()
              .allMatch(
                  member -> actual.has(member.getKey())
                      && matches(member.getValue(), actual.get(member.getKey())));
    }
    return expected.equals(actual);
  }

  /** Whether a text is as expected. Defines placeholders that occur for the first time. */
  boolean matches(String expected, String actual) {
    StringBuilder pattern = new StringBuilder();
    Map<String, Integer> groups = new HashMap<>();
    Matcher name = NAME.matcher(expected);
    int end = 0;
    while (name.find()) {
      pattern.append(Pattern.quote(expected.substring(end, name.start())));
      pattern.append(part(name.group(1), groups));
      end = name.end();
    }
    pattern.append(Pattern.quote(expected.substring(end)));
    Matcher matcher = Pattern.compile(pattern.toString(), Pattern.DOTALL).matcher(actual);
    if (!matcher.matches()) {
      return false;
    }
    groups.forEach((group, number) -> values.put(group, matcher.group(number)));
    return true;
  }

  private String part(String name, Map<String, Integer> groups) {
    if (name.equals("any")) {
      return ".*?";
    }
    boolean sequence = name.startsWith("s");
    if (groups.containsKey(name)) {
      return sequence && !sequencesLast
          ? "(?:" + SEQUENCE + ")"
          : "\\" + groups.get(name) + "(?![0-9])";
    }
    if (values.containsKey(name) && !(sequence && !sequencesLast)) {
      return Pattern.quote(values.get(name));
    }
    groups.put(name, groups.size() + 1);
    return "(" + (sequence ? SEQUENCE : HASH) + ")";
  }

  /** Replaces values of a response that differ in each run with placeholders. */
  String abstracted(String text) {
    String general =
        text.replaceAll("(\"instance_start_time\":)\"[0-9]+\"", "$1\"{any}\"")
            .replaceAll("(\"purge_seq\":)\"[^\"]*\"", "$1\"{any}\"")
            .replaceAll("(\"(?:file|external|active)\":)[0-9]+", "$1\"{any}\"")
            .replaceAll("(\"cluster\":)\\{[^}]*}", "$1\"{any}\"")
            .replace(values.get("url"), "{url}")
            .replace(values.get("db"), "{db}");
    return OPAQUE.matcher(general)
        .replaceAll(found -> Matcher.quoteReplacement(placeholder(found.group())));
  }

  private String placeholder(String opaque) {
    if (sent.contains(opaque)) {
      return opaque;
    }
    Optional<String> known =
        values.entrySet().stream()
            .filter(entry -> entry.getValue().equals(opaque))
            .map(Map.Entry::getKey)
            .sorted()
            .findFirst();
    String name = known.orElseGet(() -> unused(opaque.matches(HASH) ? "h" : "s"));
    values.put(name, opaque);
    return "{" + name + "}";
  }

  private String unused(String letter) {
    String name;
    do {
      name = letter + (letter.equals("h") ? ++hashes : ++sequences);
    } while (!taken.add(name));
    return name;
  }
}
