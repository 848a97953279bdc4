package io.divan.document;

import static io.divan.document.TestAttachments.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.document.attachment.Compression;
import io.divan.document.attachment.ContentException;
import io.divan.document.attachment.ContentReader;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.Incoming;
import io.divan.document.maintenance.TestCompaction;
import io.divan.document.revision.Revision;
import io.divan.document.rows.ContentRows;
import io.divan.storage.Range;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttachmentsTest {
  private static final Compression TEXT = Compression.of("text/*", 8);
  private static final Compression OFF = Compression.of("", 0);

  private final Database database = TestDatabases.create();

  private ContentReceiver receiver(Compression compression) {
    return ContentReceiver.into(database.contents(), compression, () -> 100_000_000L);
  }

  private String put(String id, Optional<String> revision, AttachmentInput... attachments) {
    return TestAttachments.put(database, id, revision, attachments);
  }

  private static AttachmentInput received(
      ContentReceiver receiver, String name, String type, byte[] bytes) throws IOException {
    try (Incoming incoming = receiver.begin(name, false)) {
      incoming.write(bytes);
      return new AttachmentInput.Received(
          name, type, incoming.finish(type), OptionalLong.empty());
    }
  }

  private byte[] read(String id, String name, String revision) {
    return TestAttachments.read(database, id, name, Optional.of(revision));
  }

  private long rows(Range range) {
    return TestAttachments.rows(database.store(), range);
  }

  private void expectRows(long contents, long references, long chunks, long deadlines) {
    assertThat(TestAttachments.rows(database.store()))
        .containsExactly(contents, references, chunks, deadlines);
  }

  @Test
  void put_smallContent_isReadAgain() throws IOException {
    byte[] bytes = bytes(1, 1_000);
    try (ContentReceiver receiver = receiver(OFF)) {
      String revision = put("a", Optional.empty(), received(receiver, "x", "image/png", bytes));
      assertThat(read("a", "x", revision)).isEqualTo(bytes);
    }
    expectRows(1, 1, 0, 0);
  }

  @Test
  void put_contentOfManyChunks_isReadAgain() throws IOException {
    for (int length : new int[] {64_000, 64_001, 96_000, 96_001, 192_000, 3_000_007}) {
      byte[] bytes = bytes(length, length);
      try (ContentReceiver receiver = receiver(OFF)) {
        String id = "a" + length;
        String revision = put(id, Optional.empty(), received(receiver, "x", "image/png", bytes));
        assertThat(read(id, "x", revision)).isEqualTo(bytes);
        FoundAttachment found = database.attachment(id, "x", Optional.empty(), false);
        try (ContentReader reader = found.content().read(length / 2)) {
          assertThat(reader.readAllBytes())
              .isEqualTo(java.util.Arrays.copyOfRange(bytes, length / 2, length));
        }
      }
    }
    assertThat(rows(ContentRows.allDeadlines())).isZero();
  }

  @Test
  void receive_streamOfAnyLength_isReadAgain() throws IOException {
    int[] lengths = {0, 1, 1_023, 8_192, 63_999, 64_000, 64_001, 96_000, 96_001, 3_000_007};
    for (int length : lengths) {
      for (Compression compression : List.of(OFF, TEXT)) {
        for (boolean lengthKnown : new boolean[] {false, true}) {
          long seed = 2L * length + (lengthKnown ? 1 : 0); // no content twice
          expectReceived(compression, bytes(seed, length), lengthKnown);
        }
      }
    }
    assertThat(rows(ContentRows.allDeadlines())).isZero();
  }

  private void expectReceived(Compression compression, byte[] bytes, boolean lengthKnown)
      throws IOException {
    String id = bytes.length + "-" + lengthKnown + "-" + compression.equals(TEXT);
    try (ContentReceiver receiver = receiver(compression);
        Incoming incoming = receiver.begin("x", false)) {
      incoming.type("text/x");
      incoming.receive(new TrickleStream(bytes), lengthKnown ? bytes.length : -1);
      put(
          id,
          Optional.empty(),
          new AttachmentInput.Received(
              "x", "text/x", incoming.finish("text/x"), OptionalLong.empty()));
    }
    FoundAttachment found = database.attachment(id, "x", Optional.empty(), false);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    found.content().writeIdentity(found.attachment().content(), out);
    assertThat(out.toByteArray()).as(id).isEqualTo(bytes);
    assertThat(found.attachment().content().identityMd5()).isEqualTo(md5(bytes));
  }

  private static byte[] md5(byte[] bytes) {
    try {
      return MessageDigest.getInstance("MD5").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns at most 5,000 bytes at once. */
  private static final class TrickleStream extends ByteArrayInputStream {
    TrickleStream(byte[] bytes) {
      super(bytes);
    }

    @Override
    public synchronized int read(byte[] target, int offset, int count) {
      return super.read(target, offset, Math.min(count, 5_000));
    }
  }

  @Test
  void receive_streamBeyondLimit_isRefused() throws IOException {
    for (long expected : new long[] {-1, 300_000}) {
      try (ContentReceiver receiver =
          ContentReceiver.into(database.contents(), OFF, () -> 299_999);
          Incoming incoming = receiver.begin("x", false)) {
        incoming.type("image/png");
        assertThatExceptionOfType(ContentException.TooLarge.class)
            .isThrownBy(
                () -> incoming.receive(new TrickleStream(new byte[300_000]), expected));
      }
    }
    expectRows(0, 0, 0, 0);
  }

  @Test
  void put_compressible_isStoredGzippedWithCouchDbsDigest() throws IOException {
    byte[] text = "This is a base64 encoded text".getBytes(StandardCharsets.UTF_8);
    try (ContentReceiver receiver = receiver(TEXT)) {
      put("a", Optional.empty(), received(receiver, "x", "text/plain", text));
    }
    var content = database.attachment("a", "x", Optional.empty(), false).attachment().content();
    assertThat(content.digest()).isEqualTo("md5-qUUYqS41RhwF0TrCsTAxFg==");
    assertThat(content.length()).isEqualTo(29);
    assertThat(content.storedLength()).isEqualTo(47);
    assertThat(Base64.getEncoder().encodeToString(content.identityMd5()))
        .isEqualTo("aEI7pOYCRBLTRQvvqYrrJQ==");
    assertThat(TestDatabases.get(database, "a", ReadOptions.NONE))
        .endsWith(
            "\"_attachments\":{\"x\":{\"content_type\":\"text/plain\",\"revpos\":1,"
                + "\"digest\":\"md5-qUUYqS41RhwF0TrCsTAxFg==\",\"length\":29,\"stub\":true}}}");
  }

  @Test
  void put_sameContentTwice_isStoredOnce() throws IOException {
    byte[] bytes = bytes(2, 2_000_000);
    String first;
    String second;
    try (ContentReceiver receiver = receiver(OFF)) {
      first = put("a", Optional.empty(), received(receiver, "x", "image/png", bytes));
    }
    try (ContentReceiver receiver = receiver(OFF)) {
      second = put("b", Optional.empty(), received(receiver, "y", "image/gif", bytes));
    }
    expectRows(1, 2, 42, 1); // a large duplicate is swept later
    assertThat(read("a", "x", first)).isEqualTo(bytes);
    assertThat(read("b", "y", second)).isEqualTo(bytes);
  }

  @Test
  void stub_keepsTheAttachment_andUnknownOnesAreRefused() throws IOException {
    byte[] bytes = bytes(3, 100_000);
    String first;
    try (ContentReceiver receiver = receiver(OFF)) {
      first = put("a", Optional.empty(), received(receiver, "x", "image/png", bytes));
    }
    String second =
        put("a", Optional.of(first), new AttachmentInput.Stub("x", OptionalLong.of(1)));
    assertThat(read("a", "x", second)).isEqualTo(bytes);
    expectRows(1, 2, 2, 0);
    assertThatExceptionOfType(DocumentException.MissingStub.class)
        .isThrownBy(
            () -> put(
                "a", Optional.of(second), new AttachmentInput.Stub("x", OptionalLong.of(2))))
        .withMessage("Invalid attachment stub in a for x");
    assertThatExceptionOfType(DocumentException.MissingStub.class)
        .isThrownBy(
            () -> put("n", Optional.empty(), new AttachmentInput.Stub("x", OptionalLong.empty())));
  }

  @ParameterizedTest
  @EnumSource(names = {"INTERACTIVE", "REPLICATED"})
  void missingStub_afterEditsOfOtherTransactions_storesNothing(EditMode mode) {
    String large = "x".repeat(1_000_000);
    List<DocumentInput> edits = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      edits.add(
          TestDatabases.input("{'_id':'d" + i + "','_rev':'1-a','x':'" + large + "'}"));
    }
    edits.replaceAll(
        edit -> mode == EditMode.REPLICATED
            ? edit
            : TestDatabases.input("{'_id':'" + edit.requireId() + "'}").withBody(edit.body()));
    DocumentInput last = edits.getLast();
    edits.set(
        11,
        last.withAttachments(List.of(new AttachmentInput.Stub("x", OptionalLong.empty()))));
    assertThatExceptionOfType(DocumentException.MissingStub.class)
        .isThrownBy(
            () -> {
              if (mode == EditMode.REPLICATED) {
                database.replicate(edits);
              } else {
                database.update(edits);
              }
            })
        .withMessage("Invalid attachment stub in d11 for x");
    assertThat(database.info().docCount()).isZero();
  }

  @Test
  void stub_ofADocumentCreatedAgain_isMissing() throws IOException {
    List<DocumentInput> edits;
    try (ContentReceiver receiver = receiver(OFF)) {
      edits =
          List.of(
              TestDatabases.input("{'_id':'a','_deleted':true}")
                  .withAttachments(
                      List.of(received(receiver, "x", "image/png", bytes(1, 10)))),
              TestDatabases.input("{'_id':'a'}")
                  .withAttachments(
                      List.of(new AttachmentInput.Stub("x", OptionalLong.empty()))));
      assertThatThrownBy(() -> database.update(edits))
          .isInstanceOf(DocumentException.MissingStub.class);
    }
  }

  @Test
  void replaced_thenCompacted_freesTheContent() throws IOException {
    String first;
    try (ContentReceiver receiver = receiver(OFF)) {
      first =
          put("a", Optional.empty(), received(receiver, "x", "image/png", bytes(4, 300_000)));
    }
    put("a", Optional.of(first));
    expectRows(1, 1, 4, 0);
    TestCompaction.compact(database);
    expectRows(0, 0, 0, 0);
    TestDatabases.check(database);
  }

  @Test
  void purged_freesTheContent() throws IOException {
    String first;
    try (ContentReceiver receiver = receiver(OFF)) {
      first =
          put("a", Optional.empty(), received(receiver, "x", "image/png", bytes(5, 3_000_000)));
    }
    Revision revision = TestDatabases.revision(first);
    database.purges().purge(java.util.Map.of("a", List.of(revision)));
    assertThat(rows(ContentRows.allReferences())).isZero();
    assertThat(rows(ContentRows.allContents())).isZero();
    assertThat(rows(ContentRows.allDeadlines())).isEqualTo(1); // left to those who read it
  }

  @Test
  void stemmed_freesTheContent() throws IOException {
    database.revsLimit(1);
    String first;
    try (ContentReceiver receiver = receiver(OFF)) {
      first = put("a", Optional.empty(), received(receiver, "x", "image/png", bytes(6, 500_000)));
    }
    put("a", Optional.of(first));
    expectRows(0, 0, 0, 0);
  }

  @Test
  void refusedEdit_leavesNothing() throws IOException {
    put("a", Optional.empty());
    try (ContentReceiver receiver = receiver(OFF)) {
      AttachmentInput content = received(receiver, "x", "image/png", bytes(7, 500_000));
      assertThatExceptionOfType(DocumentException.Conflict.class)
          .isThrownBy(() -> put("a", Optional.empty(), content));
      try (Incoming unfinished = receiver.begin("y", false)) {
        unfinished.write(bytes(8, 3_000_000));
      }
    }
    expectRows(0, 0, 0, 0);
  }

  @Test
  void largeContent_isRefused() {
    try (ContentReceiver receiver =
        ContentReceiver.into(database.contents(), OFF, () -> 1_000_000L)) {
      assertThatExceptionOfType(
          io.divan.document.attachment.ContentException.TooLarge.class)
          .isThrownBy(() -> receiver.begin("big", false).write(bytes(9, 1_000_001)))
          .withMessage("big");
    }
    expectRows(0, 0, 0, 0);
  }
}
