package io.divan.api;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Generates requests that bring attachments: {@code multipart/related}, {@code
 * multipart/form-data}, single contents and inline base64. Each is valid, or has faults in its
 * structure.
 */
final class FuzzMultipart {
  private static final int DOCUMENTS = 5;
  private static final int[] LENGTHS = {0, 5, 3_000, 63_999, 64_001, 96_001, 250_000};
  private static final List<String> NAMES = List.of("x", "y.txt", "é/ \"", "_x", "");
  private static final List<String> TYPES =
      List.of("image/png", "text/plain", "application/json; charset=x", "", "x", "a/b\"\u00e9");
  private static final List<String> LENGTH_TEXTS =
      List.of("-1", "0", "1e3", "\"5\"", "null", "99999999999999999999", "4611686018427387904");
  private static final List<String> PART_HEADERS =
      List.of(
          "", "\r\nno colon", "\r\n: x", "\r\n X: folded", "\r\nX: " + "x".repeat(20_000),
          "\r\nX: x".repeat(70), "\nContent-Type: text/plain", "\r\nContent-Type: \u00ff",
          "\r\nContent-Type: text/html", "\r\nContent-Length: 3", "\r\nContent-Encoding: gzip",
          "\r\nContent-Disposition: form-data", "\r\nContent-Disposition: attachment; name=\"x",
          "\r\nContent-Disposition: form-data; name=_attachments; filename=\"\u00ff\"");
  private static final List<String> BOUNDARIES =
      List.of(
          "; boundary=other", "", "; boundary=", "; boundary=\"b", "; boundary=\"\"", "; boundary",
          "; boundary=" + "b".repeat(300), "; boundary=b; boundary=c", "; Boundary=\"\\b\"",
          "; boundary=\"b c\"", "; charset=x; boundary=\"b\"; x", "; boundary=b\u00ff");
  private static final List<String> TRAILERS =
      List.of(
          "", "no colon\r\n", "Content-MD5\r\n", "Content-MD5: !\r\n", "Content-MD5:\r\n",
          "Content-MD5: " + "x".repeat(20_000) + "\r\n", "X: \u0001\r\n", ": x\r\n",
          "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\r\n", "Content-Length: 5\r\n", "X: x\r\n");

  /** A request. */
  record Generated(FuzzRequest request, Optional<byte[]> stored, boolean valid) {}

  private final Random random;
  private final String prefix;
  private final FuzzMutations mutations;

  /** The last known revision of each document; empty where it may not exist. */
  private final List<Optional<String>> revisions = new ArrayList<>();

  private int document;
  private boolean faulty;

  /**
   * Creates a generator.
   *
   * @param prefix begins the ids of its documents, which it alone edits
   */
  FuzzMultipart(Random random, String prefix) {
    this.random = random;
    this.prefix = prefix;
    this.mutations = new FuzzMutations(random);
    for (int i = 0; i < DOCUMENTS; i++) {
      revisions.add(Optional.empty());
    }
  }

  /** Notes the revision of the document that the last request edited. */
  void learn(Optional<String> revision) {
    revisions.set(document, revision);
  }

  /** The path of the document that the last request was about. */
  String path() {
    return "/" + prefix + document;
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /** Whether to place a fault here, of which a valid request has none. */
  private boolean fault(int oneOf) {
    return faulty && random.nextInt(oneOf) == 0;
  }

  private byte[] content() {
    byte[] bytes = new byte[LENGTHS[random.nextInt(LENGTHS.length)]];
    new Random(random.nextInt(3)).nextBytes(bytes); // few, so that documents share them
    return bytes;
  }

  private Optional<String> revision() {
    return fault(8) ? Optional.of("1-invented") : revisions.get(document);
  }

  private FuzzRequest request(String method, String target, String type, byte[] body) {
    FuzzRequest.Framing framing =
        random.nextInt(4) == 0 ? FuzzRequest.Framing.CHUNKS : FuzzRequest.Framing.LENGTH;
    return new FuzzRequest(
        method, target, List.of("Content-Type: " + type), Optional.of(body), framing);
  }

  Generated next(String db) {
    document = random.nextInt(DOCUMENTS);
    faulty = random.nextInt(3) > 0;
    String target = db + path();
    Generated generated =
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> related(target);
          case 3 -> form(target);
          case 4, 5 -> single(target);
          case 6 -> inline(db, target);
          default -> other(db, target);
        };
    if (!faulty || random.nextInt(3) > 0) {
      return generated;
    }
    FuzzRequest request = generated.request();
    return new Generated(
        request.framing() != FuzzRequest.Framing.RAW && random.nextInt(3) == 0
            ? request.withFraming(one(Arrays.asList(FuzzRequest.Framing.mutated())))
            : cut(request),
        Optional.empty(),
        false);
  }

  /** The body with a change somewhere: cut off, doubled, bytes flipped. */
  private FuzzRequest cut(FuzzRequest request) {
    return request.body().isPresent()
        && request.body().get().length > 0
        && request.framing() != FuzzRequest.Framing.RAW
            ? mutations.body(request)
            : request;
  }

  private Generated related(String target) {
    List<byte[]> following = new ArrayList<>();
    StringBuilder members = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      String name = fault(6) ? one(NAMES) : "a" + i;
      members.append(members.isEmpty() ? "" : ",").append(quoted(name)).append(":{");
      members.append("\"content_type\":").append(quoted(one(TYPES)));
      members.append(random.nextInt(3) == 0 ? inlineMembers() : follows(following)).append('}');
    }
    String json =
        "{" + revision().map(text -> "\"_rev\":" + quoted(text) + ",").orElse("")
            + "\"_attachments\":" + (fault(20) ? "[" : "{") + members + "}}";
    if (fault(15)) {
      following.add(content());
    }
    if (fault(15) && !following.isEmpty()) {
      following.remove(random.nextInt(following.size()));
    }
    Parts parts = new Parts();
    parts.add("\r\nContent-Type: " + (fault(15) ? one(TYPES) : "application/json"), utf8(json));
    following.forEach(bytes -> parts.add("\r\nContent-Type: image/png", bytes));
    String type = "multipart/related" + (fault(10) ? one(BOUNDARIES) : "; boundary=\"b\"");
    return new Generated(
        request("PUT", target + (fault(10) ? "?new_edits=false" : ""), type, parts.end()),
        Optional.empty(),
        !faulty);
  }

  private String follows(List<byte[]> following) {
    byte[] bytes = content();
    String gzip = "";
    if (random.nextInt(5) == 0) {
      bytes = fault(2) ? bytes : gzipped(bytes);
      bytes = fault(3) ? Arrays.copyOf(bytes, bytes.length / 2) : bytes;
      gzip = ",\"encoding\":\"gzip\",\"encoded_length\":" + bytes.length;
    }
    following.add(bytes);
    String length = fault(6) ? one(LENGTH_TEXTS) : "" + (bytes.length + (fault(6) ? 1 : 0));
    String digest =
        fault(10) ? "x" : fault(10) ? "md5-" + md5(new byte[3]) : "md5-" + md5(bytes);
    return (fault(20) ? "" : ",\"length\":" + length)
        + gzip
        + (random.nextBoolean() ? "" : ",\"digest\":" + quoted(digest))
        + (fault(20) ? ",\"follows\":1" : ",\"follows\":true");
  }

  private String inlineMembers() {
    if (fault(4)) {
      return ",\"stub\":true,\"revpos\":" + random.nextInt(4);
    }
    byte[] bytes = content();
    if (fault(4)) {
      return ",\"encoding\":\"gzip\",\"data\":\"" + base64(fault(2) ? gzipped(bytes) : bytes)
          + '"';
    }
    String text = base64(bytes);
    if (fault(3)) {
      int at = random.nextInt(text.length() + 1);
      String some = one(List.of("!", "=", "-_", "\\u0000", " ", "\\n", "A", "==", "\\ud800"));
      text = text.substring(0, at) + some + text.substring(at);
    }
    return ",\"data\":\"" + text + '"' + (fault(10) ? ",\"data\":5" : "");
  }

  private Generated form(String target) {
    Parts parts = new Parts();
    if (!fault(8)) {
      parts.add(field("_rev"), utf8(revision().orElse("")));
    }
    if (random.nextInt(3) == 0) {
      parts.add(field("_doc"), utf8(fault(3) ? "{" : "{\"a\":1}"));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      String name = fault(6) ? one(NAMES).replace("\"", "%22") : "f" + i;
      String type = random.nextBoolean() ? "" : "\r\nContent-Type: " + one(TYPES);
      parts.add(field(fault(10) ? "_x" : "_attachments") + "; filename=\"" + name + '"' + type,
          content());
    }
    String type = "multipart/form-data" + (fault(10) ? one(BOUNDARIES) : "; boundary=b");
    // A document without revision cannot be posted to: the answer differs by its state.
    return new Generated(
        request("POST", target, type, parts.end()).with("Referer: http://localhost/"),
        Optional.empty(),
        false);
  }

  private static String field(String name) {
    return "\r\nContent-Disposition: form-data; name=\"" + name + '"';
  }

  private Generated single(String target) {
    byte[] bytes = content();
    String path =
        target + "/" + (fault(10) ? "%FF" : "s" + random.nextInt(3))
            + revision().map(text -> "?rev=" + text).orElse("");
    boolean gzip = random.nextInt(4) == 0;
    byte[] sent = gzip && !fault(3) ? gzipped(bytes) : bytes;
    sent = gzip && fault(3) ? Arrays.copyOf(sent, sent.length / 2) : sent;
    String md5 = fault(3) ? md5(new byte[7]) : md5(sent);
    FuzzRequest request = request("PUT", path, one(TYPES.subList(0, 2)), sent);
    request = gzip ? request.with("Content-Encoding: gzip") : request;
    request = fault(12) ? request.with("Content-Encoding: br") : request;
    request = random.nextInt(3) == 0 ? request.with("Content-MD5: " + md5) : request;
    if (random.nextInt(4) == 0) {
      String trailer = fault(2) ? one(TRAILERS) : "Content-MD5: " + md5 + "\r\n";
      request =
          request
              .with("Transfer-Encoding: chunked")
              .withBody(chunked(sent, trailer))
              .withFraming(FuzzRequest.Framing.RAW);
    }
    return new Generated(request, Optional.of(bytes), !faulty);
  }

  private byte[] chunked(byte[] bytes, String trailer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (bytes.length > 0) {
      int stated = bytes.length + (fault(6) ? 1 : 0);
      out.writeBytes(utf8(Integer.toHexString(stated) + "\r\n"));
      out.writeBytes(bytes);
      out.writeBytes(utf8("\r\n"));
    }
    out.writeBytes(latin1("0\r\n" + trailer + (fault(6) ? "" : "\r\n")));
    return out.toByteArray();
  }

  private Generated inline(String db, String target) {
    String doc =
        "{\"_id\":\"" + target.substring(db.length() + 1) + "\","
            + revision().map(text -> "\"_rev\":" + quoted(text) + ",").orElse("")
            + "\"_attachments\":{\"i\":{\"content_type\":\"text/plain\"" + inlineMembers() + "}}}";
    return random.nextBoolean()
        ? new Generated(
            request("PUT", target, "application/json", utf8(doc)), Optional.empty(), !faulty)
        : new Generated(
            request(
                "POST", db + "/_bulk_docs", "application/json",
                utf8("{\"docs\":[" + doc + ",{\"_attachments\":{}}]}")),
            Optional.empty(),
            !faulty);
  }

  /** Reads, deletes and compacts. */
  private Generated other(String db, String target) {
    String rev = revision().map(text -> "?rev=" + text).orElse("");
    FuzzRequest.Framing length = FuzzRequest.Framing.LENGTH;
    List<String> accept =
        List.of("Accept: " + one(List.of("*/*", "multipart/mixed", "multipart/related")));
    List<String> range =
        List.of(
            "Range: bytes=" + one(List.of("0-1", "5-", "-3", "9-1", "0-0,2-3", "-0", "x", "1-,-1")),
            "Accept-Encoding: " + one(List.of("gzip", "identity", "x;q=0", "*;q=0")));
    FuzzRequest request =
        switch (random.nextInt(7)) {
          case 0 ->
              new FuzzRequest("DELETE", target + "/a0" + rev, List.of(), Optional.empty(), length);
          case 1 ->
              new FuzzRequest("DELETE", target + rev, List.of(), Optional.empty(), length);
          case 2 -> request("POST", db + "/_compact", "application/json", utf8("{}"));
          case 3 ->
              new FuzzRequest(
                  "GET", target + "?attachments=true", accept, Optional.empty(), length);
          case 4 ->
              new FuzzRequest(
                  "GET", target + "?open_revs=all&attachments=true", accept, Optional.empty(),
                  length);
          case 5 ->
              new FuzzRequest(
                  one(List.of("GET", "HEAD")), target + "/s1", range, Optional.empty(), length);
          default ->
              new FuzzRequest(
                  "COPY", target, List.of("Destination: " + prefix + "copy" + random.nextInt(100)),
                  Optional.empty(), length);
        };
    return new Generated(request, Optional.empty(), false);
  }

  /** The body of a multipart request. */
  private final class Parts {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void add(String headers, byte[] content) {
      String delimiter = fault(30) ? "\n--b" : fault(30) ? "\r\n--bb" : "\r\n--b";
      out.writeBytes(utf8(out.size() == 0 ? "--b" : delimiter));
      out.writeBytes(latin1(fault(12) ? one(PART_HEADERS) : headers));
      out.writeBytes(utf8(fault(40) ? "\r\n" : "\r\n\r\n"));
      out.writeBytes(content);
    }

    byte[] end() {
      out.writeBytes(utf8(fault(15) ? "\r\n--b" : "\r\n--b--"));
      out.writeBytes(fault(20) ? new byte[200_000] : new byte[0]);
      byte[] all = out.toByteArray();
      return fault(8) ? Arrays.copyOf(all, random.nextInt(all.length)) : all;
    }
  }

  private static byte[] gzipped(byte[] bytes) {
    return FuzzRequests.gzipped(
        new FuzzRequest("", "", List.of(), Optional.of(bytes), FuzzRequest.Framing.LENGTH))
        .body()
        .orElseThrow();
  }

  static String md5(byte[] bytes) {
    try {
      return base64(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String quoted(String text) {
    return new io.divan.json.JsonBuffer().string(text).toString();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
