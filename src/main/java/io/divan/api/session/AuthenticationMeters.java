package io.divan.api.session;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** Counts authenticated and refused requests, in counters that are registered in advance. */
@Component
final class AuthenticationMeters {

  /** What became of a request's credentials. */
  enum Result {
    ACCEPTED,
    REFUSED,
    /** The account was locked because of earlier failures. */
    LOCKED,
    /** Too many passwords waited to be checked. */
    OVERLOADED
  }

  private static final String NONE = "none";
  private static final List<String> HANDLERS = List.of("default", "cookie", "jwt", "proxy", NONE);

  private final Map<String, Map<Result, Counter>> counters = new HashMap<>();

  AuthenticationMeters(MeterRegistry registry) {
    for (String handler : HANDLERS) {
      Map<Result, Counter> ofHandler = new EnumMap<>(Result.class);
      for (Result result : Result.values()) {
        ofHandler.put(
            result,
            Counter.builder("divan.authentications")
                .description("Requests by the handler of their credentials")
                .tag("handler", handler)
                .tag("result", result.name().toLowerCase(Locale.ROOT))
                .register(registry));
      }
      counters.put(handler, ofHandler);
    }
  }

  /**
   * Counts a request.
   *
   * @param handler CouchDB's name of the way to authenticate; empty for anonymous requests
   */
  void count(String handler, Result result) {
    Map<Result, Counter> ofHandler =
        Objects.requireNonNull(counters.get(counters.containsKey(handler) ? handler : NONE));
    Objects.requireNonNull(ofHandler.get(result)).increment();
  }
}
