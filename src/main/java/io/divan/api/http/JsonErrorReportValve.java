package io.divan.api.http;

import io.divan.json.JsonBuffer;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.tomcat.util.ExceptionUtils;
import org.jspecify.annotations.Nullable;

/**
 * Sends the errors that Tomcat detects before a controller runs in CouchDB's form. Tomcat creates
 * the instance from the class name.
 */
public final class JsonErrorReportValve extends ErrorReportValve {

  @Override
  protected void report(Request request, Response response, Throwable throwable) {
    int status = status(response, throwable);
    response.setStatus(status);
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    String error =
        switch (status) {
          case 400 -> "bad_request";
          case 404 -> "not_found";
          case 405 -> "method_not_allowed";
          case 408 -> "timeout";
          case 413 -> "too_large";
          case 414, 431 -> "bad_request";
          case 417 -> "expectation_failed";
          case 501 -> "not_implemented";
          case 503 -> "service_unavailable";
          default -> "internal_server_error";
        };
    String reason =
        switch (status) {
          case 400 -> "The request is not well-formed HTTP.";
          case 408 -> "The request's body did not arrive in time.";
          default -> "The request cannot be served.";
        };
    byte[] json =
        new JsonBuffer()
            .raw("{\"error\":")
            .string(error)
            .raw(",\"reason\":")
            .string(reason)
            .raw("}\n")
            .toBytes();
    try {
      response.setContentType(Responses.JSON);
      response.setHeader(HeadersFilter.NO_SNIFF_NAME, HeadersFilter.NO_SNIFF);
      if (status == 417) {
        response.setHeader("Connection", "close"); // Tomcat closes it without sending this header
      }
      response.getReporter().write(new String(json, StandardCharsets.US_ASCII));
      response.finishResponse();
    } catch (IOException | IllegalStateException e) {
      // The connection is closed or the response has begun: no error can be sent.
      ExceptionUtils.handleThrowable(e);
    }
  }

  /** The status; a body that cannot be read is the client's error, for which Tomcat sets 500. */
  private static int status(Response response, @Nullable Throwable failure) {
    return switch (failure) {
      case SocketTimeoutException e -> 408;
      case IOException e -> 400;
      case null, default -> response.getStatus();
    };
  }
}
