package io.divan.api.query;

import io.divan.api.http.DocumentMeters;
import io.divan.api.http.JsonStream;
import io.divan.json.JsonBuffer;
import io.divan.query.find.FindRun;
import io.divan.query.find.Statistics;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/** The answer to {@code _find}, sent while the query runs. */
final class FindResponse {
  private static final String DIVIDER = ",\r\n";
  private static final String BEGIN = "{\"docs\":[";
  private static final String END = "}\r\n\n";

  private final JsonStream stream;
  private final JsonBuffer out;
  private final long scanThreshold;
  private final DocumentMeters meters;

  /**
   * Begins an answer.
   *
   * @param scanThreshold how many documents the query may read for each result without a warning
   */
  FindResponse(HttpServletResponse response, long scanThreshold, DocumentMeters meters)
      throws IOException {
    this.stream = new JsonStream(response, 200);
    this.out = stream.buffer();
    this.scanThreshold = scanThreshold;
    this.meters = meters;
  }

  /** Writes the answer to a query whose conditions contradict each other. */
  void writeEmpty() throws IOException {
    out.raw(BEGIN).raw("\r\n]").raw(END);
    stream.end();
  }

  /** Writes the results of a query while it runs. */
  void write(FindRun query, boolean withStatistics) throws IOException {
    out.raw(BEGIN);
    String before = "\r\n";
    while (query.hasNext()) {
      for (byte[] result : query.next()) {
        out.raw(before).raw(result, 0, result.length);
        before = DIVIDER;
        meters.read(1, result.length);
        stream.checkpoint();
      }
    }
    out.raw("\r\n]").raw(DIVIDER).raw("\"bookmark\": ").string(query.bookmark());
    if (withStatistics) {
      write(query.statistics());
    }
    List<String> warnings = query.warnings(scanThreshold);
    if (!warnings.isEmpty()) {
      out.raw(DIVIDER).raw("\"warning\": ").string(String.join("\n", warnings));
    }
    out.raw(END);
    stream.end();
  }

  private void write(Statistics statistics) {
    out.raw(DIVIDER).raw("\"execution_stats\": {\"total_keys_examined\":");
    out.number(statistics.keys()).raw(",\"total_docs_examined\":");
    out.number(statistics.documents()).raw(",\"total_quorum_docs_examined\":");
    out.number(statistics.quorumDocuments()).raw(",\"results_returned\":");
    out.number(statistics.results()).raw(",\"execution_time_ms\":");
    out.raw(Double.toString((double) statistics.time().toNanos() / 1e6)).raw('}');
  }
}
