package io.divan.document;

import io.divan.document.attachment.Compression;
import io.divan.document.attachment.ContentReader;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.Incoming;
import io.divan.document.rows.ContentRows;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;

/** Short forms of what tests do with attachments. */
public final class TestAttachments {

  private TestAttachments() {}

  /** Some bytes, the same for the same seed. */
  public static byte[] bytes(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** A receiver that compresses nothing. */
  public static ContentReceiver receiver(Database database) {
    return ContentReceiver.into(
        database.contents(), Compression.of("", 0), () -> 1_000_000_000L);
  }

  /** A received attachment. */
  public static AttachmentInput received(
      ContentReceiver receiver, String name, String type, byte[] bytes) {
    try {
      Incoming incoming = receiver.begin(name, false);
      incoming.type(type);
      incoming.write(bytes);
      return new AttachmentInput.Received(
          name, type, incoming.finish(type), OptionalLong.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stores a document with attachments, and returns its revision. */
  public static String put(
      Database database, String id, Optional<String> revision, AttachmentInput... attachments) {
    DocumentInput input = TestDatabases.input("{'_id':'" + id + "'}");
    DocumentInput edit =
        revision
            .map(text -> input.withRevision(TestDatabases.revision(text)))
            .orElse(input)
            .withAttachments(List.of(attachments));
    return database.update(List.of(edit)).getFirst().orThrow().revision();
  }

  /** Stores a document with one attachment, and returns its revision. */
  public static String put(
      Database database, String id, Optional<String> revision, String name, byte[] bytes) {
    try (ContentReceiver receiver = receiver(database)) {
      return put(database, id, revision, received(receiver, name, "image/png", bytes));
    }
  }

  /** The stored bytes of an attachment. */
  public static byte[] read(
      Database database, String id, String name, Optional<String> revision) {
    FoundAttachment found =
        database.attachment(id, name, revision.map(TestDatabases::revision), true);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ContentReader reader = found.content().read(0)) {
      reader.transferTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** The numbers of contents, references, chunks and deadlines. */
  public static List<Long> rows(Store store) {
    return Stream.of(
        ContentRows.allContents(),
        ContentRows.allReferences(),
        ContentRows.allChunks(),
        ContentRows.allDeadlines())
        .map(range -> rows(store, range))
        .toList();
  }

  /** The number of rows in a range. */
  public static long rows(Store store, Range range) {
    long count = 0;
    Optional<Range> rest = Optional.of(range);
    while (rest.isPresent()) {
      Range some = rest.get();
      Page page = store.read(transaction -> transaction.scan(some));
      count += page.rows().size();
      rest = page.rest();
    }
    return count;
  }
}
