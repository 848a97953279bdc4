package io.divan.api;

import io.divan.document.JsonBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.tomcat.util.ExceptionUtils;

/**
 * The errors that Tomcat raises before any controller is asked, in CouchDB's form. Tomcat makes an
 * instance by its name.
 */
public final class JsonErrorReportValve extends ErrorReportValve {

  @Override
  protected void report(Request request, Response response, Throwable throwable) {
    int status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    String error =
        switch (status) {
          case 400 -> "bad_request";
          case 404 -> "not_found";
          case 405 -> "method_not_allowed";
          case 413 -> "too_large";
          case 414, 431 -> "bad_request";
          case 501 -> "not_implemented";
          case 503 -> "service_unavailable";
          default -> "internal_server_error";
        };
    String reason =
        status == 400 ? "The request is not well-formed HTTP." : "The request cannot be served.";
    byte[] json =
        new JsonBuffer()
            .raw("{\"error\":")
            .string(error)
            .raw(",\"reason\":")
            .string(reason)
            .raw("}\n")
            .toBytes();
    try {
      response.setContentType(Answers.JSON);
      response.getReporter().write(new String(json, StandardCharsets.US_ASCII));
      response.finishResponse();
    } catch (IOException | IllegalStateException e) {
      // The connection is gone or the answer has begun: there is nobody left to tell.
      ExceptionUtils.handleThrowable(e);
    }
  }
}
