package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.sun.net.httpserver.HttpServer;
import io.divan.Http;
import io.divan.LogEvents;
import io.divan.Service;
import io.micrometer.tracing.Tracer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;

/** Tracing with OpenTelemetry, seen by a collector. */
class TracingTest {
  private static final String TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "traceparent: 00-" + TRACE_ID + "-00f067aa0ba902b7-01";

  @TempDir Path directory;

  /** A span as OTLP describes it. */
  private record Span(String trace, String id, String parent, String name, byte[] all) {

    boolean mentions(String text) {
      return new String(all, StandardCharsets.ISO_8859_1).contains(text);
    }
  }

  /** Receives spans over OTLP. */
  private static final class Collector implements AutoCloseable {
    private final HttpServer server;
    private final BlockingQueue<Span> arriving = new LinkedBlockingQueue<>();
    private final List<Span> arrived = new ArrayList<>();

    Collector() throws IOException {
      server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/v1/traces",
          exchange -> {
            byte[] request = exchange.getRequestBody().readAllBytes();
            for (byte[] resource : fields(request, 1)) {
              for (byte[] scope : fields(resource, 2)) {
                fields(scope, 2).forEach(span -> arriving.add(span(span)));
              }
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
          });
      server.start();
    }

    private static Span span(byte[] span) {
      HexFormat hex = HexFormat.of();
      List<byte[]> parent = fields(span, 4);
      return new Span(
          hex.formatHex(fields(span, 1).getFirst()),
          hex.formatHex(fields(span, 2).getFirst()),
          parent.isEmpty() ? "" : hex.formatHex(parent.getFirst()),
          new String(fields(span, 5).getFirst(), StandardCharsets.UTF_8),
          span);
    }

    /** The values of a field with a length, of a message in protobuf's encoding. */
    private static List<byte[]> fields(byte[] message, int number) {
      List<byte[]> values = new ArrayList<>();
      ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
      while (in.hasRemaining()) {
        long key = varint(in);
        switch ((int) (key & 7)) {
          case 0 -> varint(in);
          case 1 -> in.getLong();
          case 5 -> in.getInt();
          default -> {
            byte[] value = new byte[(int) varint(in)];
            in.get(value);
            if (key >> 3 == number) {
              values.add(value);
            }
          }
        }
      }
      return values;
    }

    private static long varint(ByteBuffer in) {
      long value = 0;
      int shift = 0;
      byte next;
      do {
        next = in.get();
        value |= (long) (next & 0x7F) << shift;
        shift += 7;
      } while (next < 0);
      return value;
    }

    String[] settings(String... more) {
      List<String> settings =
          new ArrayList<>(
              List.of(
                  "--divan.storage.backend=memory",
                  "--divan.tracing.enabled=true",
                  "--management.tracing.sampling.probability=1",
                  "--management.opentelemetry.tracing.export.schedule-delay=50ms",
                  "--management.opentelemetry.tracing.export.otlp.endpoint=http://127.0.0.1:"
                      + server.getAddress().getPort() + "/v1/traces"));
      settings.addAll(List.of(more));
      return settings.toArray(String[]::new);
    }

    Span await(Predicate<Span> condition) throws InterruptedException {
      for (Span span : arrived) {
        if (condition.test(span)) {
          return span;
        }
      }
      while (true) {
        Span span = arriving.poll(30, TimeUnit.SECONDS);
        if (span == null) {
          throw new AssertionError("No such span. Others: " + arrived);
        }
        arrived.add(span);
        if (condition.test(span)) {
          return span;
        }
      }
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  @Test
  void request_hasASpan_andItsTransactionsToo() throws Exception {
    try (Collector collector = new Collector();
        Service service =
            Service.start(
                directory,
                collector.settings(
                    "--divan.http.trusted-proxies=127.0.0.1",
                    "--divan.logging.access.enabled=true",
                    "--logging.level.divan.access=info"));
        LogEvents access = new LogEvents("divan.access")) {
      String db = service.http().newDatabase();
      String id =
          service.http().put(db + "/a", "{}", PARENT).header("X-Couch-Request-ID").orElseThrow();

      Span request = collector.await(span -> span.mentions(id));
      Span transaction =
          collector.await(
              span -> span.parent().equals(request.id())
                  && span.name().equals("transaction write"));
      assertThat(request.name()).isEqualTo("http put /{db}/{id}");
      assertThat(request.trace()).isEqualTo(TRACE_ID);
      assertThat(request.parent()).isEqualTo("00f067aa0ba902b7");
      assertThat(transaction.trace()).isEqualTo(TRACE_ID);
      assertThat(
          List.of("outcome", "attempts", "conflicts", "bytes", "group", "waited", "worked",
              "committed"))
          .allMatch(attribute -> transaction.mentions("divan.transaction." + attribute));
      ILoggingEvent line = access.await(message -> message.contains(db + "/a"));
      assertThat(line.getMDCPropertyMap())
          .containsEntry("request", id)
          .containsEntry("traceId", TRACE_ID);
      assertThat(service.http().get("/actuator/prometheus").text())
          .contains("http_server_requests_seconds_count{")
          .doesNotContain("divan_observed");
    }
  }

  @Test
  void traceparent_ofAClientThatIsNoTrustedProxy_isIgnored() throws Exception {
    try (Collector collector = new Collector();
        Service service = Service.start(directory, collector.settings())) {
      Http http = service.http();
      String id =
          http.get("/_all_dbs", PARENT, "b3: " + TRACE_ID + "-00f067aa0ba902b7-1")
              .header("X-Couch-Request-ID").orElseThrow();

      Span request = collector.await(span -> span.mentions(id));
      assertThat(request.trace()).isNotEqualTo(TRACE_ID);
      assertThat(request.parent()).isEmpty();
    }
  }

  @Test
  void service_byDefault_hasNoTracer() {
    try (Service service = Service.start(directory, "--divan.storage.backend=memory")) {
      assertThatThrownBy(() -> service.part(Tracer.class))
          .isInstanceOf(NoSuchBeanDefinitionException.class);
    }
  }
}
