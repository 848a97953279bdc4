package io.divan.api.listing;

import io.divan.api.http.ApiException;
import io.divan.api.http.Parameters;
import io.divan.document.AttachmentOptions;
import io.divan.document.Listing;
import io.divan.json.JsonValue;
import io.divan.storage.NameRange;
import java.util.List;
import java.util.Optional;

/**
 * The options of listings, from the query string or from the members of a JSON body. As in CouchDB,
 * a later option overrides an earlier one.
 */
public final class ListingOptions {
  /** CouchDB's limit. Has 18 digits, the maximum that {@link Parameters#count} parses. */
  private static final long LIMIT_MAX = 576_460_752_303_423_487L;

  private Optional<List<JsonValue>> keys = Optional.empty();
  private Optional<JsonValue> start = Optional.empty();
  private Optional<JsonValue> end = Optional.empty();
  private Optional<JsonValue> startId = Optional.empty();
  private Optional<JsonValue> endId = Optional.empty();
  private boolean descending;
  private boolean inclusiveEnd = true;
  private boolean includeDocs;
  private boolean conflicts;
  private boolean attachments;
  private boolean encodingInfo;
  private boolean updateSequence;
  private boolean reduce;
  private Optional<Boolean> group = Optional.empty();
  private Optional<Long> groupLevel = Optional.empty();
  private Optional<String> partition = Optional.empty();
  private long skip;
  private long limit = Long.MAX_VALUE;

  /** The options of a query string. */
  public static ListingOptions of(Parameters query) {
    ListingOptions options = new ListingOptions();
    options.add(query);
    return options;
  }

  /** Adds the options of a query string. */
  void add(Parameters query) {
    query.forEach((name, text) -> add(new Option(name, text, Optional.empty())));
  }

  /** Adds an option from a body. */
  void add(String name, JsonValue value) {
    add(new Option(name, "", Optional.of(value)));
  }

  /** Sets the keys to list. A single key also sets the range, as in CouchDB. */
  void setKeys(List<JsonValue> list) {
    keys = Optional.of(list);
    keysOption(list);
  }

  /** Resets the options that a query does not inherit from the query string. */
  void resetKeysAndGroup() {
    keys = Optional.empty();
    group = Optional.empty();
    groupLevel = Optional.empty();
  }

  private void add(Option option) {
    switch (option.name()) {
      case "key" -> range(option.json());
      case "keys" -> keysOption(option.elements());
      case "startkey", "start_key" -> start = Optional.of(option.json());
      case "endkey", "end_key" -> end = Optional.of(option.json());
      case "startkey_docid", "start_key_doc_id" -> startId = Optional.of(new JsonValue.Str(option
          .text()));
      case "endkey_docid", "end_key_doc_id" -> endId = Optional.of(new JsonValue.Str(option
          .text()));
      case "limit" -> limit = limit(option.count());
      case "skip" -> skip = option.count();
      case "descending" -> descending = option.flag();
      case "inclusive_end" -> inclusiveEnd = option.flag();
      case "include_docs" -> includeDocs = option.flag();
      case "conflicts" -> conflicts = option.flag();
      case "update_seq" -> updateSequence = option.flag();
      case "reduce" -> reduce = option.flag();
      case "group" -> group = Optional.of(option.flag());
      case "group_level" -> groupLevel = Optional.of(option.count());
      case "stale" -> option.expect(List.of("ok", "update_after"));
      case "stable" -> option.expect(List.of("true", "false"));
      case "update" -> option.expect(List.of("true", "false", "lazy"));
      case "attachments" -> attachments = option.flag();
      case "att_encoding_info" -> encodingInfo = option.flag();
      case "sorted" -> option.flag(); // no effect
      case "partition" -> partition = Optional.of(option.text());
      default -> {
        // CouchDB ignores unknown options
      }
    }
  }

  private static long limit(long count) {
    if (count > LIMIT_MAX) {
      throw ApiException.badQuery("Limit is too large, must not exceed " + LIMIT_MAX);
    }
    return count;
  }

  private void range(JsonValue key) {
    start = Optional.of(key);
    end = start;
  }

  private void keysOption(List<JsonValue> list) {
    if (list.size() == 1) {
      range(list.getFirst());
    } else {
      keys = Optional.of(list);
    }
  }

  /** Refuses options that contradict each other, with CouchDB's reasons. */
  public ListingOptions check() {
    if (reduce) {
      throw ApiException.badQuery("Reduce is invalid for map-only views.");
    }
    boolean single =
        keys.isPresent()
            && keys.get().size() == 1
            && start.equals(Optional.of(keys.get().getFirst()))
            && end.equals(start);
    boolean range = start.isPresent() || end.isPresent();
    if (keys.isPresent() && !keys.get().isEmpty() && range && !single) {
      throw ApiException.badQuery(
          "`keys` is incompatible with `key`, `start_key` and `end_key`");
    }
    if (group.equals(Optional.of(false)) && groupLevel.orElse(0L) > 0) {
      throw ApiException.badQuery(
          "Can't specify group=false and group_level>0 at the same time");
    }
    if (groupLevel.orElse(group.orElse(false) ? 1L : 0L) > 0) {
      throw ApiException.badQuery("Invalid use of grouping on a map view.");
    }
    if (partition.isPresent()) {
      throw partition.get().isEmpty()
          ? new ApiException(400, "illegal_partition", "Partition must not be empty")
          : ApiException.badQuery("`partition` parameter is not supported on this db");
    }
    return this;
  }

  /** Whether the response includes the update sequence. */
  boolean updateSequence() {
    return updateSequence;
  }

  /** Whether the response includes the documents. */
  boolean includeDocs() {
    return includeDocs;
  }

  /** Whether the documents include their conflicts. */
  boolean conflicts() {
    return conflicts;
  }

  /** How the documents show their attachments. */
  AttachmentOptions attachments() {
    return new AttachmentOptions(attachments, encodingInfo, List.of());
  }

  /** The keys to list, in order; empty if the request is for a range. */
  Optional<List<JsonValue>> keys(Listing.Scope scope) {
    return keys.map(
        all -> (descending ? all.reversed() : all)
            .stream()
            .skip(skip)
            .limit(limit)
            .filter(key -> isListed(scope, key))
            .toList());
  }

  private static boolean isListed(Listing.Scope scope, JsonValue key) {
    return scope == Listing.Scope.ALL_DOCS || key.asString().filter(scope::answers).isPresent();
  }

  /** The range of documents to list. */
  Listing.Query query() {
    return new Listing.Query(
        startText(),
        endKey().flatMap(JsonValue::asString),
        inclusiveEnd,
        descending,
        skip,
        endsBeforeFirstId() ? 0 : limit,
        includeDocs,
        conflicts,
        attachments());
  }

  /** The range of database names to list. */
  public NameRange names(int pageSize) {
    Optional<String> from = startText();
    Optional<String> to = endKey().flatMap(JsonValue::asString);
    if (descending) {
      String begin = to.map(name -> inclusiveEnd ? name : name + '\0').orElse("");
      return new NameRange(begin, from.map(name -> name + '\0'), true, pageSize);
    }
    Optional<String> after = to.map(name -> inclusiveEnd ? name + '\0' : name);
    return new NameRange(from.orElse(""), after, false, pageSize);
  }

  /** The number of databases to skip. */
  public long skip() {
    return skip;
  }

  /** The maximum number of databases to list. */
  public long limit() {
    return endsBeforeFirstId() ? 0 : limit;
  }

  /** Whether {@code keys} has other than one element, which cannot be read as a range. */
  public boolean hasKeys() {
    return keys.isPresent();
  }

  private Optional<JsonValue> endKey() {
    return end.or(() -> endId);
  }

  /** The first id. A value that is not a string counts as before all ids. */
  private Optional<String> startText() {
    return start
        .or(() -> startId)
        .flatMap(key -> key.asString().or(() -> descending ? Optional.of("") : Optional.empty()));
  }

  private boolean endsBeforeFirstId() {
    return !descending && endKey().isPresent() && endKey().get().asString().isEmpty();
  }

  /** One option: the text of a query parameter, or a JSON value from a body. */
  private record Option(String name, String raw, Optional<JsonValue> decoded) {

    JsonValue json() {
      return decoded.orElseGet(() -> Parameters.parse(raw));
    }

    List<JsonValue> elements() {
      if (json() instanceof JsonValue.Arr(List<JsonValue> elements)) {
        return elements;
      }
      throw ApiException.badQuery("`keys` must be an array of strings.");
    }

    /** The text of a string, or the JSON of another value. */
    String text() {
      return decoded.map(value -> value.asString().orElseGet(value::toJson)).orElse(raw);
    }

    boolean flag() {
      Optional<String> text = decoded.map(JsonValue::asString).orElse(Optional.of(raw));
      String value = text.orElseGet(() -> json().toJson());
      if (text.isEmpty() && !List.of("true", "false").contains(value)) {
        throw ApiException.badQuery("Invalid boolean parameter: " + value);
      }
      return Parameters.flag(value);
    }

    long count() {
      Optional<String> text = decoded.flatMap(JsonValue::asString);
      if (text.isPresent()) {
        throw ApiException.badQuery(
            "Invalid value for integer: <<" + (text.get().isEmpty() ? "" : json().toJson()) + ">>");
      }
      return decoded.isPresent()
          ? Parameters.count(json().toJson(), json().toJson())
          : Parameters.count(raw, Parameters.quote(raw));
    }

    void expect(List<String> values) {
      if (!values.contains(text())) {
        throw ApiException.badQuery("Invalid value for `" + name + "`.");
      }
    }
  }
}
