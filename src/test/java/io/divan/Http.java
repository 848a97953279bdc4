package io.divan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP client that sends requests unchanged, each on a new connection. */
public final class Http {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private final URI base;

  public Http(String url) {
    base = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
  }

  public HttpConnection connect() {
    try {
      return new HttpConnection(base.getHost(), base.getPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The scheme, host and port. */
  public String url() {
    return "http://" + base.getHost() + ":" + base.getPort();
  }

  /** The Authorization header, if the address contains a user. */
  public List<String> credentials() {
    if (base.getUserInfo() == null) {
      return List.of();
    }
    byte[] user = base.getUserInfo().getBytes(StandardCharsets.UTF_8);
    return List.of("Authorization: Basic " + Base64.getEncoder().encodeToString(user));
  }

  /** Sends a request with exactly these headers. Reads the whole response body. */
  public HttpAnswer send(
      String method, String target, List<String> headers, Optional<byte[]> body) {
    try (HttpConnection connection = connect()) {
      if (body.isPresent()) {
        connection.send(method, target, headers, body.get());
      } else {
        connection.send(method, target, headers);
      }
      HttpAnswer answer =
          method.equals("HEAD") ? connection.answerToHead() : connection.answer();
      return answer.whole();
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + target, e);
    }
  }

  public HttpAnswer get(String target, String... headers) {
    return send("GET", target, with(headers), Optional.empty());
  }

  public HttpAnswer head(String target, String... headers) {
    return send("HEAD", target, with(headers), Optional.empty());
  }

  public HttpAnswer delete(String target, String... headers) {
    return send("DELETE", target, with(headers), Optional.empty());
  }

  public HttpAnswer put(String target, String json, String... headers) {
    return send("PUT", target, json(headers), Optional.of(json.getBytes(StandardCharsets.UTF_8)));
  }

  public HttpAnswer post(String target, String json, String... headers) {
    return send("POST", target, json(headers), Optional.of(json.getBytes(StandardCharsets.UTF_8)));
  }

  private List<String> with(String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(credentials());
    return all;
  }

  private List<String> json(String... headers) {
    List<String> all = with(headers);
    all.add("Content-Type: application/json");
    return all;
  }

  /** Creates a database that no other test uses. Returns its path. */
  public String newDatabase() {
    String path = "/test" + DATABASES.incrementAndGet();
    HttpAnswer created = put(path, "");
    if (created.status() != 201) {
      throw new IllegalStateException("PUT " + path + ": " + created.text());
    }
    return path;
  }
}
