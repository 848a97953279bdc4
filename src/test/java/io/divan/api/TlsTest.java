package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.Service;
import io.divan.TestCertificate;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS and HTTP/2, with certificates in PEM files. */
class TlsTest {
  private static final String JSON = "application/json";
  private static final int FEEDS = 40; // more than Tomcat runs at once by default

  @TempDir static Path shared;
  @TempDir Path directory;

  private static TestCertificate certificate;
  private static SSLContext trust;
  private static Service service;

  @BeforeAll
  static void start() throws Exception {
    certificate = TestCertificate.create(shared, "server");
    trust = TestCertificate.trusting(certificate);
    Path files = shared.resolve("tls");
    certificate.write(files);
    service = start(shared.resolve("data"), files);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static Service start(Path data, Path files, String... more) {
    List<String> settings = new ArrayList<>();
    settings.add("--server.ssl.bundle=server");
    settings.add(
        "--spring.ssl.bundle.pem.server.keystore.certificate=file:" + files.resolve("tls.crt"));
    settings.add(
        "--spring.ssl.bundle.pem.server.keystore.private-key=file:" + files.resolve("tls.key"));
    settings.add("--spring.ssl.bundle.pem.server.reload-on-update=true");
    settings.add("--spring.ssl.bundle.watch.file.quiet-period=50ms");
    settings.addAll(List.of(more));
    return Service.start(data, settings.toArray(String[]::new));
  }

  private static HttpClient client(SSLContext context, Version version) {
    return HttpClient.newBuilder()
        .sslContext(context)
        .version(version)
        .connectTimeout(Duration.ofSeconds(20))
        .build();
  }

  private static HttpRequest.Builder to(Service service, String target) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + service.port() + target))
        .timeout(Duration.ofSeconds(30));
  }

  private static HttpResponse<String> send(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static HttpResponse<String> put(HttpClient client, String target, String json)
      throws IOException, InterruptedException {
    return send(
        client,
        to(service, target)
            .header("Content-Type", JSON)
            .PUT(BodyPublishers.ofString(json)));
  }

  /** A body whose length the client does not announce. */
  private static BodyPublisher unannounced(String body) {
    return BodyPublishers.ofInputStream(
        () -> new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void requests_overTls_areServedAsWithoutIt(Version version) throws Exception {
    if (version != Version.HTTP_1_1 && version != Version.HTTP_2) {
      return; // HTTP/3
    }
    try (HttpClient client = client(trust, version)) {
      String db = "/serve-" + version.ordinal();
      assertThat(put(client, db, "").version()).isEqualTo(version);

      HttpResponse<String> edit =
          send(
              client,
              to(service, db + "/a")
                  .expectContinue(true)
                  .PUT(BodyPublishers.ofString("{\"x\":1}")));
      assertThat(edit.statusCode()).isEqualTo(201);
      assertThat(edit.version()).isEqualTo(version);
      assertThat(edit.headers().firstValue("location"))
          .contains("https://127.0.0.1:" + service.port() + db + "/a");
      assertThat(edit.headers().firstValue("x-couch-request-id")).isPresent();

      HttpResponse<String> missing =
          send(
              client,
              to(service, "/none/a").expectContinue(true).PUT(BodyPublishers.ofString("{}")));
      assertThat(missing.statusCode()).isEqualTo(404);
      assertThat(missing.body()).contains("Database does not exist.");

      HttpResponse<String> keys =
          send(
              client,
              to(service, db + "/_all_docs")
                  .header("Content-Type", JSON)
                  .POST(unannounced("{\"keys\":[\"a\",\"b\"]}")));
      assertThat(keys.body()).contains("\"error\":\"not_found\"").contains("\"id\":\"a\"");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void answers_thatAreLarge_arriveWhole(Version version) throws Exception {
    try (HttpClient client = client(trust, version)) {
      String db = "/large-" + version.ordinal();
      put(client, db, "");
      for (int batch = 0; batch < 20; batch++) {
        StringBuilder docs = new StringBuilder("{\"docs\":[");
        for (int i = 0; i < 30; i++) {
          docs.append(i == 0 ? "" : ",").append("{\"text\":\"").repeat('x', 20_000).append("\"}");
        }
        assertThat(
            send(
                client,
                to(service, db + "/_bulk_docs")
                    .header("Content-Type", JSON)
                    .POST(unannounced(docs.append("]}").toString())))
                .statusCode())
            .isEqualTo(201);
      }
      HttpResponse<String> all =
          send(client, to(service, db + "/_all_docs?include_docs=true"));

      assertThat(all.version()).isEqualTo(version);
      assertThat(all.body()).hasSizeGreaterThan(12_000_000).endsWith("\n]}\n");
    }
  }

  @Test
  void feeds_manyOnOneConnection_allGetTheChange() throws Exception {
    try (HttpClient client = client(trust, Version.HTTP_2)) {
      put(client, "/feeds", "");
      List<BufferedReader> feeds = new ArrayList<>();
      for (int i = 0; i < FEEDS; i++) {
        HttpResponse<InputStream> feed =
            client.send(
                to(service, "/feeds/_changes?feed=continuous&heartbeat=500").build(),
                BodyHandlers.ofInputStream());
        assertThat(feed.version()).isEqualTo(Version.HTTP_2);
        feeds.add(
            new BufferedReader(new InputStreamReader(feed.body(), StandardCharsets.UTF_8)));
      }
      assertThat(put(client, "/feeds/a", "{}").statusCode()).isEqualTo(201);
      for (BufferedReader feed : feeds) {
        String line = feed.readLine();
        while (line.isEmpty()) { // a heartbeat
          line = feed.readLine();
        }
        assertThat(line).contains("\"id\":\"a\"");
        feed.close();
      }
      assertThat(put(client, "/feeds/b", "{}").statusCode()).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void requests_beyondTheLimits_areRefused(Version version) throws Exception {
    // Fits the window of a stream: this client reads no answer before it has sent the body.
    String tooLarge = "{\"docs\":[" + " ".repeat(50_000) + "]}";
    try (Service limited =
        start(directory, shared.resolve("tls"), "--divan.http.max-request-size=40KB");
        HttpClient client = client(trust, version)) {
      String db = "/limits";
      assertThat(send(client, to(limited, db).PUT(BodyPublishers.noBody())).statusCode())
          .isEqualTo(201);
      for (BodyPublisher body : List.of(BodyPublishers.ofString(tooLarge), unannounced(tooLarge))) {
        HttpResponse<String> answer =
            send(
                client,
                to(limited, db + "/_bulk_docs").header("Content-Type", JSON).POST(body));
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("\"error\":\"too_large\"");
      }
      HttpRequest.Builder oversize = to(limited, "/").header("X-Long", "x".repeat(40_000));
      if (version == Version.HTTP_2) { // the stream is reset without a response
        assertThatThrownBy(() -> send(client, oversize)).isInstanceOf(IOException.class);
      } else {
        assertThat(send(client, oversize).statusCode()).isEqualTo(400);
      }
      assertThat(send(client, to(limited, "/")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void protocol_wrong_isRefused() throws Exception {
    HttpAnswer plainText = service.http().get("/_up");

    assertThat(plainText.status()).isEqualTo(400);
    assertThat(plainText.text()).doesNotContain("Tomcat");
    try (SSLSocket socket =
        (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", service.port())) {
      assertThat(List.of(socket.getEnabledProtocols())).contains("TLSv1.2", "TLSv1.3");
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
    }
  }

  @Test
  void http2_withoutTls_isNotSpoken() throws Exception {
    try (Service plain = Service.start(directory);
        HttpClient client = HttpClient.newBuilder().version(Version.HTTP_2).build()) {
      URI uri = URI.create("http://127.0.0.1:" + plain.port() + "/_up");

      assertThat(
          client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).version())
          .isEqualTo(Version.HTTP_1_1);
      try (HttpConnection connection = plain.http().connect()) {
        assertThat(connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").ends()).isTrue();
      }
    }
  }

  @Test
  void certificate_renewed_isServedWithoutARestart() throws Exception {
    // The layout of a mounted Kubernetes secret: the files are links through ..data.
    Path mount = Files.createDirectory(directory.resolve("mount"));
    certificate.write(mount.resolve("..1"));
    Path data = mount.resolve("..data");
    Files.createSymbolicLink(data, Path.of("..1"));
    Files.createSymbolicLink(mount.resolve("tls.crt"), Path.of("..data", "tls.crt"));
    Files.createSymbolicLink(mount.resolve("tls.key"), Path.of("..data", "tls.key"));
    try (Service renewing = start(directory.resolve("data"), mount);
        HttpClient old = client(trust, Version.HTTP_2)) {
      assertThat(send(old, to(renewing, "/feed").PUT(BodyPublishers.noBody())).statusCode())
          .isEqualTo(201);
      HttpResponse<InputStream> feed =
          old.send(
              to(renewing, "/feed/_changes?feed=continuous&heartbeat=500").build(),
              BodyHandlers.ofInputStream());
      TestCertificate renewed = TestCertificate.create(directory, "renewed");
      renewed.write(mount.resolve("..2"));
      Path next = mount.resolve("..next");
      Files.createSymbolicLink(next, Path.of("..2"));
      Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);

      awaitServed(renewing, TestCertificate.trusting(renewed));

      assertThat(feed.body().read()).as("an open feed goes on").isNotNegative();
      feed.body().close();
    }
  }

  /** Connects until the handshake succeeds, which takes as long as the watcher of files. */
  private static void awaitServed(Service service, SSLContext context) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    for (;;) {
      try (HttpClient fresh = client(context, Version.HTTP_2)) {
        assertThat(send(fresh, to(service, "/_up")).statusCode()).isEqualTo(200);
        return;
      } catch (javax.net.ssl.SSLException e) {
        assertThat(System.nanoTime()).as("the renewed certificate").isLessThan(deadline);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void clientCertificate_needed_isDemanded(Version version) throws Exception {
    TestCertificate known = TestCertificate.create(directory, "known");
    TestCertificate unknown = TestCertificate.create(directory, "unknown");
    try (Service strict = start("need", known)) {
      expectServed(known.presentedTo(certificate), version, strict);
      expectHandshakeFailure(unknown.presentedTo(certificate), version, strict);
      expectHandshakeFailure(trust, version, strict);
    }
  }

  @Test
  void clientCertificate_wanted_isOptional() throws Exception {
    TestCertificate known = TestCertificate.create(directory, "known");
    try (Service asking = start("want", known)) {
      expectServed(known.presentedTo(certificate), Version.HTTP_2, asking);
      expectServed(trust, Version.HTTP_2, asking);
    }
  }

  private Service start(String clientAuth, TestCertificate known) throws Exception {
    Path files = directory.resolve("clients");
    known.write(files);
    return start(
        directory.resolve("data"),
        shared.resolve("tls"),
        "--server.ssl.client-auth=" + clientAuth,
        "--spring.ssl.bundle.pem.server.truststore.certificate=file:" + files.resolve("tls.crt"));
  }

  private static void expectServed(SSLContext context, Version version, Service service)
      throws Exception {
    try (HttpClient client = client(context, version)) {
      assertThat(send(client, to(service, "/_up")).statusCode()).isEqualTo(200);
    }
  }

  /** With TLS 1.3 the client learns of the failure with its first request. */
  private static void expectHandshakeFailure(
      SSLContext context, Version version, Service service) {
    try (HttpClient client = client(context, version)) {
      assertThatThrownBy(() -> send(client, to(service, "/_up"))).isInstanceOf(IOException.class);
    }
  }
}
