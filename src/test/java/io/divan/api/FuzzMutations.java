package io.divan.api;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes requests invalid by one or several mutations. */
final class FuzzMutations {
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "COPY", "PATCH", "TRACE", "get",
          "PROPFIND", "CONNECT", "X".repeat(300), "G-T");
  private static final List<String> PATH_PARTS =
      List.of(
          "/", "//", "%", "%zz", "%00", "%ff", "%ed%a0%80", "%C3%A9", "%2F", "%5C", "%252F", "..",
          "/../", "/./", ";x=1", "+", "?", "#", "*", ":", "@", "_", "\\", "%0A", "%0D%0A", "\u00e9",
          "|", "\"", "{db}", "${x}", "%F0%9F%98%80", "/_local/", "/_design/", "_all_docs");
  private static final List<String> VALUES =
      List.of(
          "", "null", "true", "false", "-1", "0", "1", "1.5", "1e9", "99999999999999999999", "x",
          "%5B%5D", "%7B%7D", "%22x%22", "%22%5Cud800%22", "%22%FF%22", "%", "%00", "%5B", "%22",
          "1-a", "1-", "-", "all", "%5B1%5D", "[\"1-a\"]", "0-0", "999999999-a", "%2B1", "+1",
          "000000000000000000000000", "ffffffffffffffffffffffff", "now");
  private static final List<String> OPTIONS =
      List.of(
          "rev", "revs", "open_revs", "limit", "skip", "startkey", "endkey", "key", "keys", "since",
          "feed", "style", "heartbeat", "timeout", "descending", "include_docs", "new_edits",
          "batch", "count", "filter", "q", "n", "partitioned", "group", "reduce", "stale",
          "inclusive_end", "update_seq", "atts_since", "last-event-id", "latest", "conflicts");
  private static final List<String> HEADERS =
      List.of(
          "Content-Type: text/plain", "Content-Type: multipart/related", "Content-Type: ",
          "Content-Type: multipart/form-data; boundary=x", "Content-Type: application/json; x",
          "Content-Type: application/x-www-form-urlencoded", "Content-Type: \u0001",
          "Content-Encoding: gzip", "Content-Encoding: br", "Content-Encoding: gzip, gzip",
          "Accept: text/html", "Accept: x", "Accept: multipart/mixed", "Accept-Encoding: gzip",
          "If-Match: x", "If-Match: \"1-a\"", "If-None-Match: *", "If-None-Match: \"\"",
          "Authorization: Basic !!", "Authorization: Basic YTpi", "Authorization: Bearer x",
          "Destination: d1?rev=", "Destination: /", "Destination: %ff", "Cookie: AuthSession=x",
          "Expect: 100-continue", "Expect: the unexpected", "Connection: close",
          "Connection: upgrade", "Upgrade: h2c", "Range: bytes=0-1", "X-HTTP-Method-Override: PUT",
          "X-Divan-Trace: a b", "X-Divan-Trace: x", "X-Couch-Full-Commit: x", "Last-Event-ID: x",
          "X-Forwarded-Host: \"<x>", "X-Forwarded-Proto: https", "X-Forwarded-For: x",
          "Origin: null", "Access-Control-Request-Method: PUT", "Host: ", "Host: a b", "Host: h",
          "Transfer-Encoding: gibberish", "Transfer-Encoding: gzip", "X: \u00e9\u00ff",
          "No-Value:", "Date: x", "Referer: x", "User-Agent: \u007f", "TE: trailers");
  private static final List<String> JSON =
      List.of(
          "\"\\ud800\"", "\"\\udc00x\"", "NaN", "1e999999", "-", "01", "\"\\x\"", "'a'", "[", "]",
          "}", "{", ",", ":", "null", "\"", "\\", "//", "/**/", "\u0000", "\uFEFF", "\u2028", "tru",
          "{\"_id\":1}", "[[]]", "1".repeat(11_000), "\"" + "n".repeat(60_000) + "\":1");
  private static final List<byte[]> BYTES =
      List.of(
          new byte[] {(byte) 0xFF},
          new byte[] {(byte) 0xC0, (byte) 0x80},
          new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
          new byte[] {(byte) 0xE2, (byte) 0x82},
          new byte[] {0x1f, (byte) 0x8b},
          new byte[] {0});

  private final Random random;

  FuzzMutations(Random random) {
    this.random = random;
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  FuzzRequest mutate(FuzzRequest valid) {
    FuzzRequest request = valid;
    for (int i = random.nextInt(3); i >= 0; i--) {
      request =
          switch (random.nextInt(request.body().isPresent() ? 11 : 5)) {
            case 0 -> method(request);
            case 1 -> path(request);
            case 2, 3 -> query(request);
            case 4 -> headers(request);
            case 5 -> request.withFraming(one(List.of(FuzzRequest.Framing.mutated())));
            default -> body(request);
          };
    }
    return request;
  }

  private FuzzRequest method(FuzzRequest request) {
    FuzzRequest other = request.withMethod(one(METHODS));
    return random.nextInt(4) > 0 || request.body().isPresent()
        ? other
        : other.withBody("{\"x\":1}".getBytes(StandardCharsets.UTF_8));
  }

  private FuzzRequest path(FuzzRequest request) {
    String path = request.path();
    int at = random.nextInt(path.length() + 1);
    String start = path.substring(0, at);
    String end = path.substring(at);
    String changed =
        switch (random.nextInt(7)) {
          case 0 -> start;
          case 1 -> path + path;
          case 2 -> start + (char) (0x21 + random.nextInt(0xDF)) + end;
          case 3 -> start + "x".repeat(1 << random.nextInt(17)) + end;
          case 4 -> start + (end.isEmpty() ? "" : end.substring(1));
          default -> start + one(PATH_PARTS) + end;
        };
    String absolute = changed.startsWith("/") ? changed : "/" + changed;
    return request.withTarget(absolute + request.query().map(query -> "?" + query).orElse(""));
  }

  private FuzzRequest query(FuzzRequest request) {
    List<String> pairs = new ArrayList<>(List.of(request.query().orElse("").split("&", -1)));
    int at = random.nextInt(pairs.size());
    String name = pairs.get(at).split("=", 2)[0];
    switch (random.nextInt(7)) {
      case 0 -> pairs.add(pairs.get(at));
      case 1 -> pairs.remove(at);
      case 2 -> pairs.set(at, name);
      case 3 -> pairs.set(at, name + "=" + one(VALUES));
      case 4 -> pairs.add("x".repeat(1 << random.nextInt(17)));
      default -> pairs.add(one(OPTIONS) + "=" + one(VALUES));
    }
    return request.withTarget(request.path() + "?" + String.join("&", pairs));
  }

  private FuzzRequest headers(FuzzRequest request) {
    List<String> lines = new ArrayList<>(request.headers());
    switch (random.nextInt(8)) {
      case 0 -> lines.clear();
      case 1 -> lines.addAll(request.headers());
      case 2 -> lines.add("X-Long: " + "x".repeat(1 << random.nextInt(18)));
      case 3 -> {
        for (int i = 1 << random.nextInt(9); i > 0; i--) {
          lines.add("X-" + i + ": x");
        }
      }
      case 4 -> lines.addFirst(one(HEADERS));
      default -> lines.add(one(HEADERS));
    }
    return request.withHeaders(lines);
  }

  /** Changes the body somewhere. */
  FuzzRequest body(FuzzRequest request) {
    byte[] body = request.body().orElseThrow();
    int at = random.nextInt(body.length + 1);
    byte[] start = Arrays.copyOf(body, at);
    byte[] end = Arrays.copyOfRange(body, at, body.length);
    String text = new String(body, StandardCharsets.ISO_8859_1);
    byte[] changed =
        switch (random.nextInt(12)) {
          case 0 -> start;
          case 1 -> joined(body, body);
          case 2 -> joined(start, one(BYTES), end);
          case 3, 4 -> joined(start, utf8(one(JSON)), end);
          case 5 -> flipped(body);
          case 6 -> end;
          case 7, 8 -> members(text);
          case 9 -> large(text);
          case 10 -> utf8(one(JSON));
          default -> text.replaceFirst("[0-9]+", one(List.of("1e9", "-1", "9".repeat(400), "1.0")))
              .getBytes(StandardCharsets.ISO_8859_1);
        };
    return random.nextInt(30) == 0
        ? FuzzRequests.gzipped(request.withBody(changed))
        : request.withBody(changed);
  }

  private byte[] flipped(byte[] body) {
    byte[] changed = body.clone();
    for (int i = random.nextInt(3); i >= 0 && body.length > 0; i--) {
      changed[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return changed;
  }

  /** Adds a member with a special meaning at the beginning or end of an object. */
  private byte[] members(String text) {
    String name = one(FuzzRequests.MEMBERS.keySet().stream().sorted().toList());
    String member = "\"" + name + "\":" + one(FuzzRequests.MEMBERS.get(name));
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '{' || text.charAt(i) == '}') {
        places.add(i);
      }
    }
    if (places.isEmpty()) {
      return utf8("{" + member + "}");
    }
    int at = one(places);
    String with = text.charAt(at) == '{' ? "{" + member + "," : "," + member + "}";
    return (text.substring(0, at) + with + text.substring(at + 1))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Replaces a number or the whole body with a huge value. */
  private byte[] large(String text) {
    String huge =
        switch (random.nextInt(20)) {
          case 0 -> "\"" + "x".repeat(8_100_000) + "\"";
          case 1 -> "1".repeat(1_000_000);
          case 2, 3 -> "[".repeat(100_000) + "]".repeat(100_000);
          case 4, 5 -> "{\"a\":".repeat(20_000);
          case 6 -> "[" + "0,".repeat(50_000) + "0]";
          default -> "[".repeat(450 + random.nextInt(100)) + "]".repeat(500);
        };
    String changed =
        random.nextInt(4) == 0
            ? huge
            : text.replaceFirst(":[0-9]+", ":" + huge);
    return changed.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
