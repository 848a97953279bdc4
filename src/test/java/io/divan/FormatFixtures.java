package io.divan;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Data directories of released versions: an archive for each version and backend with the files and
 * with the responses that the version gave. An archive is never changed after its release.
 */
final class FormatFixtures {

  /** A backend with files, and the properties that choose it. */
  enum Kind {
    REDB("redb"),
    SQLITE("sqlite"),
    SQLITE_PAGES("sqlite", "divan.storage.sqlite.engine=pages"),
    LEVELDB_API("leveldb"),
    LEVELDB_LSM("leveldb", "divan.storage.leveldb.engine=lsm"),
    LEVELDB_LSM_FILE(
        "leveldb", "divan.storage.leveldb.engine=lsm", "divan.storage.leveldb.over=file");

    private final List<String> settings = new ArrayList<>();

    Kind(String backend, String... more) {
      settings.add("--divan.storage.backend=" + backend);
      for (String setting : more) {
        settings.add("--" + setting);
      }
      settings.add("--divan.admins.admin=pass");
      settings.add("--divan.authentication.iterations=1");
    }

    Service start(Path directory) {
      return Service.start(directory, settings.toArray(String[]::new));
    }

    private String archive() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-') + ".zip";
    }
  }

  /** A version and a backend. */
  record Fixture(String version, Kind kind) {
    @Override
    public String toString() {
      return version + " " + kind;
    }

    private Path archive() {
      return DIRECTORY.resolve(version).resolve(kind.archive());
    }
  }

  static final String ADMIN = "Authorization: Basic YWRtaW46cGFzcw==";
  static final String USER = "Authorization: Basic YW5uYTpzZWNyZXQ=";

  private static final Path DIRECTORY = Path.of("src", "test", "resources", "formats");
  private static final String DATA = "data/";
  private static final String ANSWERS = "answers.txt";

  private static final List<String> QUESTIONS =
      List.of(
          "/_all_dbs",
          "/db",
          "/db/_all_docs?include_docs=true&conflicts=true",
          "/db/_changes?style=all_docs&include_docs=true&conflicts=true",
          "/db/a?revs=true&conflicts=true&local_seq=true",
          "/db/a?rev=1-a",
          "/db/a?open_revs=all",
          "/db/gone",
          "/db/purged",
          "/db/_design/d",
          "/db/_local/checkpoint",
          "/db/_security",
          "/db/_revs_limit",
          "/db/large",
          "/a%2Fb/c",
          "/_users/org.couchdb.user:anna",
          "/_node/_local/_config/uuids/algorithm");

  private FormatFixtures() {}

  static List<Fixture> all() throws IOException {
    try (Stream<Path> versions = Files.list(DIRECTORY)) {
      return versions
          .map(path -> path.getFileName().toString())
          .sorted()
          .flatMap(version -> Stream.of(Kind.values()).map(kind -> new Fixture(version, kind)))
          .filter(fixture -> Files.exists(fixture.archive()))
          .toList();
    }
  }

  /** The responses to all questions, without what differs between runs. */
  static Map<String, String> answers(Service service) {
    Map<String, String> answers = new LinkedHashMap<>();
    for (String question : QUESTIONS) {
      HttpAnswer answer = service.http().get(question, ADMIN, "Accept: application/json");
      String text = answer.text().replace("\n", "\\n").replace("\r", "\\r");
      answers.put(question, text.replaceAll("\"sizes\":\\{[^}]*}", "\"sizes\":{}"));
    }
    return answers;
  }

  /** Writes the archives of this version. */
  static void write(String version, Path temporary) throws IOException {
    for (Kind kind : Kind.values()) {
      Path directory = Files.createDirectories(temporary.resolve(kind.name()));
      Map<String, String> answers;
      try (Service service = kind.start(directory)) {
        fill(service.http());
        answers = answers(service);
      }
      Path archive = new Fixture(version, kind).archive();
      Files.createDirectories(archive.getParent());
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive));
          Stream<Path> files = Files.walk(directory)) {
        zip.putNextEntry(new ZipEntry(ANSWERS));
        for (Map.Entry<String, String> answer : answers.entrySet()) {
          String line = answer.getKey() + '\t' + answer.getValue() + '\n';
          zip.write(line.getBytes(StandardCharsets.UTF_8));
        }
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          String name = directory.relativize(file).toString().replace('\\', '/');
          zip.putNextEntry(new ZipEntry(DATA + name));
          Files.copy(file, zip);
        }
      }
    }
  }

  /** Unpacks the files into a directory, and returns the responses. */
  static Map<String, String> read(Fixture fixture, Path directory) throws IOException {
    Map<String, String> answers = new LinkedHashMap<>();
    try (InputStream in = Files.newInputStream(fixture.archive());
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals(ANSWERS)) {
          new String(zip.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .map(line -> line.split("\t", 2))
              .forEach(parts -> answers.put(parts[0], parts[1]));
          continue;
        }
        Path file = directory.resolve(entry.getName().substring(DATA.length())).normalize();
        if (!file.startsWith(directory)) {
          throw new IOException(entry.getName() + " is outside of the directory");
        }
        Files.createDirectories(file.getParent());
        try (OutputStream out = Files.newOutputStream(file)) {
          zip.transferTo(out);
        }
      }
    }
    return answers;
  }

  private static void fill(Http http) {
    for (String name : List.of("/db", "/a%2Fb", "/deleted")) {
      require(http.put(name, "", ADMIN), 201);
    }
    String many =
        IntStream.range(0, 50)
            .mapToObj(i -> "{\"_id\":\"d" + i + "\",\"i\":" + i + "}")
            .collect(Collectors.joining(","));
    require(http.post("/db/_bulk_docs", "{\"docs\":[" + many + "]}", ADMIN), 201);
    require(
        http.post(
            "/db/_bulk_docs",
            """
            {"new_edits":false,"docs":[
              {"_id":"a","_rev":"1-a","x":1},
              {"_id":"a","_rev":"2-b","x":2.00,"_revisions":{"start":2,"ids":["b","a"]}},
              {"_id":"a","_rev":"2-c","x":"\\ud83d\\ude00",
                "_revisions":{"start":2,"ids":["c","a"]}}]}
            """,
            ADMIN),
        201);
    require(http.put("/db/_design/d", "{\"views\":{}}", ADMIN), 201);
    require(http.put("/db/_local/checkpoint", "{\"last\":7}", ADMIN), 201);
    require(http.put("/db/large", "{\"text\":\"" + "x".repeat(300_000) + "\"}", ADMIN), 201);
    for (String id : List.of("gone", "purged")) {
      String revision =
          http.put("/db/" + id, "{\"_id\":\"" + id + "\"}", ADMIN).json().get("rev").stringValue();
      HttpAnswer removed =
          id.equals("gone")
              ? http.delete("/db/gone?rev=" + revision, ADMIN)
              : http.post("/db/_purge", "{\"purged\":[\"" + revision + "\"]}", ADMIN);
      require(removed, id.equals("gone") ? 200 : 201);
    }
    require(http.put("/db/_revs_limit", "500", ADMIN), 200);
    require(
        http.put(
            "/db/_security",
            "{\"admins\":{\"names\":[],\"roles\":[]},\"members\":{\"names\":[\"anna\"],"
                + "\"roles\":[]}}",
            ADMIN),
        200);
    require(http.put("/a%2Fb/c", "{}", ADMIN), 201);
    require(http.delete("/deleted", ADMIN), 200);
    require(
        http.put(
            "/_users/org.couchdb.user:anna",
            "{\"name\":\"anna\",\"type\":\"user\",\"roles\":[],\"password\":\"secret\"}",
            ADMIN),
        201);
    require(http.put("/_node/_local/_config/uuids/algorithm", "\"random\"", ADMIN), 200);
  }

  private static void require(HttpAnswer answer, int status) {
    if (answer.status() != status) {
      throw new UncheckedIOException(new IOException(answer.status() + ": " + answer.text()));
    }
  }
}
