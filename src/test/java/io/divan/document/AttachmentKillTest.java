package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.ChildJvm;
import io.divan.document.attachment.ContentReader;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.ContentSweep;
import io.divan.document.attachment.ContentWriter;
import io.divan.document.attachment.Incoming;
import io.divan.document.maintenance.DatabaseCheck;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.redb.RedbAdapter;
import io.divan.storage.sqlite.SqliteFileAdapter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kills a process that stores and removes attachments of 1 to 10 MB, again and again, and compares
 * what is there with what it has acknowledged. {@code -Ddivan.kill.rounds=100} sets the number of
 * kills, {@code -Ddivan.kill.megabytes=50} the size of the largest attachment. A kill does not test
 * the sync, because written data survives in the page cache.
 */
class AttachmentKillTest {
  private static final int WRITERS = 3;
  private static final String DATABASE = "db";

  /** The contents there are: few, so that several documents often have the same. */
  private static final int CONTENTS = 6;

  enum Backend {
    REDB {
      @Override
      StorageAdapter open(Path directory) {
        return new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE);
      }
    },
    SQLITE {
      @Override
      StorageAdapter open(Path directory) {
        return new SqliteFileAdapter(
            SqliteFileAdapter.Options.of(directory), TransactionListener.NONE);
      }
    };

    abstract StorageAdapter open(Path directory);
  }

  @TempDir Path directory;

  private final Random random = new Random(Seeds.seed(20_280));

  /** The last acknowledged line of each document. */
  private final Map<String, String> acknowledged = new HashMap<>();

  private static int length(int content, int maxMegabytes) {
    return 1_000_000 * (1 + content * (maxMegabytes - 1) / (CONTENTS - 1)) + content * 777;
  }

  /** Stores and removes attachments until it is killed. */
  public static final class Child {
    private final Database database;
    private final PrintStream out = System.out;
    private final int maxMegabytes;

    private Child(Database database, int maxMegabytes) {
      this.database = database;
      this.maxMegabytes = maxMegabytes;
    }

    public static void main(String[] arguments) throws InterruptedException {
      try (StorageAdapter adapter =
          new CheckedAdapter(Backend.valueOf(arguments[0]).open(Path.of(arguments[1])))) {
        Databases databases = new Databases(adapter, Clock.systemUTC());
        if (adapter.list(io.divan.storage.NameRange.all()).isEmpty()) {
          databases.create(DATABASE);
        }
        Child child = new Child(databases.open(DATABASE), Integer.parseInt(arguments[2]));
        Thread[] writers = new Thread[WRITERS];
        for (int i = 0; i < WRITERS; i++) {
          int writer = i;
          long seed = Long.parseLong(arguments[3]) + i;
          writers[i] = Thread.ofPlatform().start(() -> child.write(writer, new Random(seed)));
        }
        for (Thread writer : writers) {
          writer.join();
        }
      }
    }

    private void write(int writer, Random random) {
      while (true) {
        String id = writer + "-" + random.nextInt(3);
        Optional<String> revision = revision(id);
        int content = random.nextInt(CONTENTS);
        say("B " + id + " " + content);
        if (revision.isPresent() && random.nextInt(4) == 0) {
          String removed = TestAttachments.put(database, id, revision);
          say("R " + id + " " + removed);
          io.divan.document.maintenance.TestCompaction.compact(database);
        } else {
          try (ContentReceiver receiver = TestAttachments.receiver(database)) {
            String stored =
                TestAttachments.put(database, id, revision, received(receiver, content));
            say("A " + id + " " + stored + " " + content);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        }
      }
    }

    private Optional<String> revision(String id) {
      try {
        return Optional.of(database.get(id, false, ReadOptions.NONE).revision());
      } catch (DocumentException.NotFound e) {
        return Optional.empty();
      }
    }

    private AttachmentInput received(ContentReceiver receiver, int content)
        throws IOException {
      Incoming incoming = receiver.begin("x", false);
      incoming.type("image/png");
      generate(content, maxMegabytes, incoming);
      return new AttachmentInput.Received(
          "x", "image/png", incoming.finish("image/png"), OptionalLong.empty());
    }

    private synchronized void say(String line) {
      out.print(line + "\n");
      out.flush();
    }
  }

  private static void generate(int content, int maxMegabytes, OutputStream out)
      throws IOException {
    Random bytes = new Random(content);
    byte[] some = new byte[50_000];
    for (int left = length(content, maxMegabytes); left > 0; left -= some.length) {
      bytes.nextBytes(some);
      out.write(some, 0, Math.min(left, some.length));
    }
  }

  private static String digest(int content, int maxMegabytes) throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    generate(
        content,
        maxMegabytes,
        new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
    return HexFormat.of().formatHex(sha256.digest());
  }

  @ParameterizedTest
  @EnumSource
  void kill_underUploads_losesNothingAcknowledged(Backend backend) throws Exception {
    int rounds = Integer.getInteger("divan.kill.rounds", 2);
    int maxMegabytes = Integer.getInteger("divan.kill.megabytes", 10);
    String[] digests = new String[CONTENTS];
    for (int i = 0; i < CONTENTS; i++) {
      digests[i] = digest(i, maxMegabytes);
    }
    for (int round = 0; round < rounds; round++) {
      Map<String, String> begun = runAndKill(backend, maxMegabytes);
      check(backend, begun, digests, "round " + round);
    }
  }

  /** Returns the edits that had begun and were not acknowledged, by document. */
  private Map<String, String> runAndKill(Backend backend, int maxMegabytes)
      throws IOException, InterruptedException {
    Process child =
        ChildJvm.program(
            Child.class,
            backend.name(),
            directory.toString(),
            Integer.toString(maxMegabytes),
            Long.toString(random.nextInt()));
    Map<String, String> begun = new HashMap<>();
    int lines = 4 + random.nextInt(30);
    int delayMillis = random.nextInt(300);
    int seen = 0;
    try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
      for (Optional<String> line = line(out); line.isPresent(); line = line(out)) {
        String[] words = line.get().split(" ");
        if (words[0].equals("B")) {
          begun.put(words[1], line.get());
        } else {
          begun.remove(words[1]);
          acknowledged.put(words[1], line.get());
        }
        if (++seen == lines) {
          child.waitFor(delayMillis, TimeUnit.MILLISECONDS); // somewhere within an upload
          child.toHandle().destroyForcibly();
        }
      }
    } finally {
      child.destroyForcibly();
    }
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(seen).as("the child ran until it was killed").isGreaterThanOrEqualTo(lines);
    return begun;
  }

  /** Returns the next complete line. The kill may have cut off the last one. */
  private static Optional<String> line(BufferedReader out) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = out.read(); c >= 0; c = out.read()) {
      if (c == '\n') {
        return Optional.of(line.toString());
      }
      line.append((char) c);
    }
    return Optional.empty();
  }

  private void check(
      Backend backend, Map<String, String> begun, String[] digests, String as)
      throws Exception {
    try (StorageAdapter adapter = new CheckedAdapter(backend.open(directory))) {
      Database database = new Databases(adapter, Clock.systemUTC()).open(DATABASE);
      assertThat(DatabaseCheck.problems(database, true)).as(as).isEmpty();
      InstantSource later =
          InstantSource.offset(InstantSource.system(), ContentWriter.LEASE.multipliedBy(2));
      new ContentSweep(database.store(), later, () -> false).run();
      assertThat(DatabaseCheck.problems(database)).as(as).isEmpty();
      assertThat(TestAttachments.rows(database.store()).getLast()).as(as).isZero();
      for (Map.Entry<String, String> one : Map.copyOf(acknowledged).entrySet()) {
        checkDocument(database, one.getKey(), one.getValue(), begun, digests, as);
      }
    }
  }

  /**
   * The document is as it was acknowledged, or as the edit made it that was not; it must stay so.
   */
  private void checkDocument(
      Database database,
      String id,
      String line,
      Map<String, String> begun,
      String[] digests,
      String as)
      throws IOException, GeneralSecurityException {
    String revision = database.get(id, false, ReadOptions.NONE).revision();
    String[] words = line.split(" ");
    boolean same = revision.equals(words[2]);
    assertThat(same || begun.containsKey(id)).as(as + ": " + line + " " + revision).isTrue();
    Optional<String> stored = digestOf(database, id);
    if (same) {
      assertThat(stored)
          .as(as + ": " + line)
          .isEqualTo(
              words[0].equals("R")
                  ? Optional.empty()
                  : Optional.of(digests[Integer.parseInt(words[3])]));
    } else if (stored.isPresent()) {
      int content = Integer.parseInt(begun.get(id).split(" ")[2]);
      assertThat(stored).as(as + ": " + begun.get(id)).contains(digests[content]);
      acknowledged.put(id, "A " + id + " " + revision + " " + content);
    } else {
      acknowledged.put(id, "R " + id + " " + revision);
    }
  }

  private static Optional<String> digestOf(Database database, String id)
      throws IOException, GeneralSecurityException {
    FoundAttachment found;
    try {
      found = database.attachment(id, "x", Optional.empty(), false);
    } catch (DocumentException.NotFound e) {
      return Optional.empty();
    }
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    try (ContentReader reader = found.content().read(0)) {
      reader.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
    }
    return Optional.of(HexFormat.of().formatHex(sha256.digest()));
  }
}
