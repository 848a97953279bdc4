package io.divan.api.query;

import io.divan.api.http.ApiException;
import io.divan.api.http.Parameters;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of {@code GET _index}. Semicolons divide parameters, too, and the first of several
 * counts.
 */
record PageParameters(long limit, long skip) {

  static PageParameters of(@Nullable String query) {
    Optional<Long> limit = Optional.empty();
    Optional<Long> skip = Optional.empty();
    for (String pair : (query == null ? "" : query).split("[&;]")) {
      Parameters one = Parameters.ofForm(pair);
      limit = limit.or(() -> one.get("limit").map(PageParameters::integer));
      skip = skip.or(() -> one.get("skip").map(PageParameters::integer));
    }
    if (limit.orElse(1L) < 1 || skip.orElse(0L) < 0) {
      throw invalid();
    }
    return new PageParameters(limit.orElse(Long.MAX_VALUE), skip.orElse(0L));
  }

  private static long integer(String text) {
    if (!text.matches("[+-]?[0-9]+")) {
      throw invalid();
    }
    return text.length() > 18
        ? text.startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE
        : Long.parseLong(text);
  }

  /** CouchDB's answer, which its tests expect, has this status. */
  private static ApiException invalid() {
    return new ApiException(
        500, "invalid_list_index_params", "Index parameter ranges: limit > 1, skip > 0");
  }

  /** The part of a list that the parameters select. */
  <T> List<T> of(List<T> all) {
    return all.stream().skip(skip).limit(limit).toList();
  }
}
