package io.divan.api.server;

import io.divan.api.http.DocumentMeters;
import io.divan.api.http.RecentValues;
import io.divan.api.http.RequestMeters;
import io.divan.security.Accounts;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/**
 * CouchDB's statistics that have a meaning here. Their values are read from the service's own
 * meters when they are asked for. Safe for use by many threads.
 */
@Component
final class Statistics {

  /** A statistic at its path, such as {@code couchdb/httpd/requests}. */
  sealed interface Statistic {

    List<String> path();

    String description();

    /** A number; CouchDB calls all of them counters. */
    record Count(
        List<String> path, String description, boolean falls, DoubleSupplier value)
        implements Statistic {}

    /** The values of the last ten seconds. */
    record Histogram(List<String> path, String description, Supplier<Distribution> value)
        implements Statistic {}
  }

  private static final List<String> METHODS =
      List.of("COPY", "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT");

  /** The status codes that CouchDB counts, with its descriptions. */
  private static final Map<String, String> STATUS_CODES =
      Map.ofEntries(
          Map.entry("200", "200 OK responses"),
          Map.entry("201", "201 Created responses"),
          Map.entry("202", "202 Accepted responses"),
          Map.entry("204", "204 No Content responses"),
          Map.entry("206", "206 Partial Content"),
          Map.entry("301", "301 Moved Permanently responses"),
          Map.entry("302", "302 Found responses"),
          Map.entry("304", "304 Not Modified responses"),
          Map.entry("400", "400 Bad Request responses"),
          Map.entry("401", "401 Unauthorized responses"),
          Map.entry("403", "403 Forbidden responses"),
          Map.entry("404", "404 Not Found responses"),
          Map.entry("405", "405 Method Not Allowed responses"),
          Map.entry("406", "406 Not Acceptable responses"),
          Map.entry("409", "409 Conflict responses"),
          Map.entry("412", "412 Precondition Failed responses"),
          Map.entry("413", "413 Request Entity Too Long responses"),
          Map.entry("414", "414 Request URI Too Long responses"),
          Map.entry("415", "415 Unsupported Media Type responses"),
          Map.entry("416", "416 Requested Range Not Satisfiable responses"),
          Map.entry("417", "417 Expectation Failed responses"),
          Map.entry("500", "500 Internal Server Error responses"),
          Map.entry("501", "501 Not Implemented responses"),
          Map.entry("503", "503 Service unavailable responses"),
          Map.entry("507", "507 Insufficient Storage responses"));

  private final MeterRegistry registry;
  private final List<Statistic> all = new ArrayList<>();

  Statistics(MeterRegistry registry, RequestMeters requests, DocumentMeters documents) {
    this.registry = registry;
    addRequests(requests, documents);
    addDocuments(documents);
    add("couchdb/auth_cache_hits", "number of authentication cache hits",
        () -> sum(Accounts.CACHE_METER, "result", "hit"));
    add("couchdb/auth_cache_misses", "number of authentication cache misses",
        () -> sum(Accounts.CACHE_METER, "result", "miss"));
    add("couchdb/password_hashing_slow", "number of slow password hashing operations",
        () -> sum("divan.password.checks"));
    gauge("couchdb/open_databases", "number of open databases",
        () -> sum("divan.storage.open.databases"));
    gauge("couchdb/open_os_files", "number of file descriptors CouchDB has open",
        () -> sum("process.files.open"));
    for (String level : List.of("debug", "info", "error")) {
      logged(level, level);
    }
    logged("warning", "warn");
  }

  private void addRequests(RequestMeters requests, DocumentMeters documents) {
    add("couchdb/httpd/requests", "number of HTTP requests", () -> sum(RequestMeters.NAME));
    add("couchdb/httpd/bulk_requests", "number of bulk requests",
        () -> sum(RequestMeters.NAME, "uri", "/{db}/_bulk_docs"));
    add("couchdb/httpd/purge_requests", "number of purge requests",
        () -> sum(RequestMeters.NAME, "uri", "/{db}/_purge"));
    gauge("couchdb/httpd/clients_requesting_changes", "number of clients for continuous _changes",
        () -> sum("divan.feeds.open"));
    histogram("couchdb/httpd/bulk_docs",
        "distribution of the number of docs in _bulk_docs requests", documents.recentBulkDocs());
    for (String method : METHODS) {
      add("couchdb/httpd_request_methods/" + method, "number of HTTP " + method + " requests",
          () -> sum(RequestMeters.NAME, "method", method));
    }
    STATUS_CODES.keySet().stream()
        .sorted()
        .forEach(
            code -> add("couchdb/httpd_status_codes/" + code,
                "number of HTTP " + STATUS_CODES.get(code),
                () -> sum(RequestMeters.NAME, "status", code)));
    histogram("couchdb/request_time", "length of a request inside CouchDB without MochiWeb",
        requests.recent());
    histogram("couchdb/dbinfo", "distribution of latencies for calls to retrieve DB info",
        requests.recentInfos());
  }

  private void addDocuments(DocumentMeters documents) {
    add("couchdb/database_reads", "number of times a document was read from a database",
        () -> sum(DocumentMeters.READ));
    add("couchdb/database_writes", "number of times a database was changed",
        () -> sum("divan.transactions", "kind", "write", "outcome", "done"));
    add("couchdb/document_inserts", "number of documents inserted", documents::inserted);
    add("couchdb/document_writes", "number of document write operations",
        () -> sum(DocumentMeters.WRITTEN) - sum(DocumentMeters.WRITTEN, "kind", "local"));
    add("couchdb/local_document_writes", "number of _local document write operations",
        () -> sum(DocumentMeters.WRITTEN, "kind", "local"));
    add("couchdb/commits", "number of commits performed",
        () -> sum("divan.transactions.committed"));
  }

  private void add(String path, String description, DoubleSupplier value) {
    all.add(new Statistic.Count(List.of(path.split("/")), description, false, value));
  }

  private void gauge(String path, String description, DoubleSupplier value) {
    all.add(new Statistic.Count(List.of(path.split("/")), description, true, value));
  }

  private void histogram(String path, String description, RecentValues values) {
    all.add(
        new Statistic.Histogram(
            List.of(path.split("/")), description, () -> new Distribution(values.buckets())));
  }

  private void logged(String level, String label) {
    add("couch_log/level/" + level, "number of logged " + level + " messages",
        () -> sum("logback.events", "level", label));
  }

  /** All statistics, in an order in which those of one section follow each other. */
  List<Statistic> all() {
    return all;
  }

  /** The sum of the counts or values of all meters of a name with these labels. */
  private double sum(String name, String... labels) {
    double sum = 0;
    for (Meter meter : registry.find(name).tags(labels).meters()) {
      sum +=
          switch (meter) {
            case Timer timer -> timer.count();
            case Counter counter -> counter.count();
            case FunctionCounter counter -> counter.count();
            case FunctionTimer timer -> timer.count();
            case Gauge gauge -> gauge.value();
            default -> 0;
          };
    }
    return sum;
  }
}
