package io.divan.document.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.Database;
import io.divan.document.TestAttachments;
import io.divan.document.TestDatabases;
import io.divan.document.attachment.Compression;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.revision.Attachment;
import io.divan.document.revision.Content;
import io.divan.document.revision.Revision;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.ContentRows;
import io.divan.document.rows.ContentRows.Blob;
import io.divan.document.rows.ContentRows.Place;
import io.divan.document.rows.ContentRows.Reference;
import io.divan.document.rows.Tables;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each invariant of attachments is broken by hand once, and found. */
class ContentCheckTest {
  private static final byte[] SMALL = TestAttachments.bytes(1, 1_000);
  private static final byte[] LARGE = TestAttachments.bytes(2, 250_000);

  private final Database database = TestDatabases.create();
  private final Store store = database.store();
  private Revision old = TestDatabases.revision("1-x");
  private Revision leaf = old;
  private Attachment small = attachment();
  private Attachment large = small;

  private static Attachment attachment() {
    byte[] none = new byte[0];
    return new Attachment("x", "y", new Content(none, none, none, 0, 0, false), 1);
  }

  /** A document with two revisions, and one with text that is stored gzipped. */
  @BeforeEach
  void fill() {
    String first = TestAttachments.put(database, "a", Optional.empty(), "s", SMALL);
    String second = TestAttachments.put(database, "a", Optional.of(first), "l", LARGE);
    old = TestDatabases.revision(first);
    leaf = TestDatabases.revision(second);
    try (ContentReceiver receiver =
        ContentReceiver.into(database.contents(), Compression.of("text/*", 8), () -> 1_000L)) {
      TestAttachments.put(
          database,
          "t",
          Optional.empty(),
          TestAttachments.received(receiver, "t", "text/plain", new byte[999]));
    }
    small = attachmentOf("a", "s", old);
    large = attachmentOf("a", "l", leaf);
    assertThat(DatabaseCheck.problems(database, true)).isEmpty();
  }

  private Attachment attachmentOf(String id, String name, Revision revision) {
    return database.attachment(id, name, Optional.of(revision), false).attachment();
  }

  private static String hex(Attachment attachment) {
    return HexFormat.of().formatHex(attachment.content().sha256());
  }

  private Blob blob() {
    byte[] key = ContentRows.contentKey(large.content().sha256());
    byte[] row = store.read(tx -> tx.get(Tables.ATTACHMENTS, key)).orElseThrow();
    return ContentRows.blobOf(ContentRows.place(row)).orElseThrow().blob();
  }

  private void damage(Consumer<WriteTransaction> damage) {
    store.write(
        transaction -> {
          damage.accept(transaction);
          return true;
        });
  }

  private List<String> after(Consumer<WriteTransaction> damage) {
    damage(damage);
    return DatabaseCheck.problems(database, true);
  }

  private byte[] reference(Attachment attachment, String id, Revision revision) {
    return ContentRows.referenceKey(
        new Reference(attachment.content().sha256(), id, revision));
  }

  @Test
  void referenceWithoutBody_isFound() {
    byte[] key = reference(small, "z", leaf);
    assertThat(after(tx -> tx.put(Tables.ATTACHMENTS, key, new byte[0])))
        .containsExactly(
            "the content " + hex(small) + " is referenced by z " + leaf + ", whose body does not"
                + " name it: no document is affected, but its space is not freed");
  }

  @Test
  void referenceThatTheBodyDoesNotName_isFound() {
    byte[] key = reference(small, "a", leaf);
    assertThat(after(tx -> tx.put(Tables.ATTACHMENTS, key, new byte[0])))
        .singleElement()
        .asString()
        .contains("is referenced by a " + leaf + ", whose body does not name it");
  }

  @Test
  void bodyWithoutReference_isFound() {
    assertThat(after(tx -> tx.delete(Tables.ATTACHMENTS, reference(large, "a", leaf))))
        .containsExactlyInAnyOrder(
            "a " + leaf + " lacks the row of its reference to the content " + hex(large)
                + ": another document that lets it go would remove it",
            "the content " + hex(large)
                + " has no reference: no document is affected, but its space is not freed");
  }

  @Test
  void referenceOfAnOldBodyLost_isFound() {
    assertThat(after(tx -> tx.delete(Tables.ATTACHMENTS, reference(small, "a", old))))
        .anyMatch(problem -> problem.startsWith("a " + old + " lacks the row"));
  }

  @Test
  void contentLost_isFound() {
    byte[] key = ContentRows.contentKey(small.content().sha256());
    assertThat(after(tx -> tx.delete(Tables.ATTACHMENTS, key)))
        .containsExactly(
            "the attachment s of a " + old + " lacks its content " + hex(small) + ": the document"
                + " can be read without it, and storing an equal attachment in any document"
                + " restores it");
  }

  @Test
  void contentOfAnotherLength_isFound() {
    byte[] key = ContentRows.contentKey(small.content().sha256());
    byte[] shorter = ContentRows.content(new Place.Inline(new byte[999]));
    assertThat(after(tx -> tx.put(Tables.ATTACHMENTS, key, shorter)))
        .contains(
            "the attachment s of a " + old
                + " should have 1000 bytes, but its content has 999");
  }

  @Test
  void chunkLost_isFound() {
    Blob blob = blob();
    assertThat(after(tx -> tx.delete(Tables.ATTACHMENTS, ContentRows.chunkKey(blob, 1))))
        .containsExactly(
            "the content " + hex(large) + " of a " + leaf
                + " lacks the chunk 1 of 3: its attachments cannot be read as a whole");
    assertThat(after(tx -> tx.deleteRange(ContentRows.chunks(blob))))
        .singleElement()
        .asString()
        .contains("lacks the chunk 0 of 3");
  }

  @Test
  void lastChunkLost_isFound() {
    Blob blob = blob();
    assertThat(after(tx -> tx.delete(Tables.ATTACHMENTS, ContentRows.chunkKey(blob, 2))))
        .singleElement()
        .asString()
        .contains("lacks the chunk 2 of 3");
  }

  @Test
  void chunkOfAnotherLength_isFound() {
    byte[] key = ContentRows.chunkKey(blob(), 2);
    assertThat(after(tx -> tx.put(Tables.ATTACHMENTS, key, new byte[3])))
        .singleElement()
        .asString()
        .contains("has 3 bytes in the chunk 2 instead of 58000");
  }

  @Test
  void chunkTooMany_isFound() {
    byte[] key = ContentRows.chunkKey(blob(), 3);
    assertThat(after(tx -> tx.put(Tables.ATTACHMENTS, key, new byte[3])))
        .singleElement()
        .asString()
        .contains("has the chunk 3 after its 3");
  }

  @Test
  void changedBytes_areFoundByTheirDigest() {
    byte[] key = ContentRows.chunkKey(blob(), 2);
    damage(tx -> tx.put(Tables.ATTACHMENTS, key, new byte[58_000]));
    assertThat(DatabaseCheck.problems(database)).isEmpty();
    assertThat(DatabaseCheck.problems(database, true))
        .singleElement()
        .asString()
        .startsWith("the content " + hex(large) + " of a " + leaf + " has the SHA-256 ")
        .endsWith(": its bytes were changed");
  }

  /** Replaces what a body says of its attachment. */
  private List<String> stating(String id, Attachment attachment, Content content) {
    Revision revision =
        TestDatabases.revision(
            database.get(id, false, io.divan.document.ReadOptions.NONE).revision());
    byte[] json = TestDatabases.utf8("{}");
    Bodies.Body body =
        new Bodies.Body(
            false,
            json,
            List.of(
                new Attachment(
                    attachment.name(),
                    attachment.type(),
                    content,
                    attachment.revisionPosition())));
    return after(tx -> Bodies.write(tx, id, revision, body));
  }

  @Test
  void wrongMd5_isFound() {
    Content is = large.content();
    byte[] md5 = new byte[16];
    assertThat(
        stating(
            "a",
            large,
            new Content(is.sha256(), md5, md5, is.storedLength(), is.length(), false)))
        .containsExactly(
            "the reference to " + hex(large) + " of a " + leaf
                + " states another MD5 than that of the bytes");
  }

  @Test
  void wrongIdentity_isFound() {
    Revision revision =
        TestDatabases.revision(
            database.get("t", false, io.divan.document.ReadOptions.NONE).revision());
    Attachment text = attachmentOf("t", "t", revision);
    Content is = text.content();
    assertThat(
        stating(
            "t",
            text,
            new Content(is.sha256(), is.md5(), new byte[16], is.storedLength(), 999, true)))
        .singleElement()
        .asString()
        .endsWith("states another MD5 than that of the bytes before compression");
    assertThat(
        stating(
            "t",
            text,
            new Content(
                is.sha256(), is.md5(), is.identityMd5(), is.storedLength(), 998, true)))
        .singleElement()
        .asString()
        .endsWith("states 998 bytes before compression instead of 999");
  }

  @Test
  void totalsOfALeaf_areCompared() {
    Content is = large.content();
    assertThat(
        stating(
            "a",
            new Attachment("longer", large.type(), is, 2),
            is))
        .singleElement()
        .asString()
        .startsWith("a says of the leaf " + leaf + " AttachmentTotals[count=1")
        .contains(", but its body references AttachmentTotals[count=1");
  }

  @Test
  void blobsWithoutContent_areFoundInSeveralWalks() {
    List<Blob> blobs = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      byte[] id = new byte[16];
      id[0] = (byte) (i * 40);
      blobs.add(new Blob(id));
    }
    damage(
        tx -> {
          blobs.forEach(
              blob -> tx.put(Tables.ATTACHMENTS, ContentRows.chunkKey(blob, 0), new byte[5]));
          tx.put(
              Tables.ATTACHMENTS,
              ContentRows.deadlineKey(blobs.get(3)),
              ContentRows.deadline(1, 1));
        });
    List<String> problems = new ArrayList<>();
    new ContentCheck(
        store,
        new CheckListener() {
          @Override
          public void problem(String problem) {
            problems.add(problem);
          }

          @Override
          public void uncertain(String what) {}

          @Override
          public void walked(long rows) {}
        },
        rows -> {},
        false,
        2)
        .run();
    blobs.remove(3);
    assertThat(problems)
        .containsExactlyElementsOf(
            blobs.stream()
                .map(blob -> "the blob " + blob + " has neither a content nor a deadline: no"
                    + " document is affected, but its space is not freed")
                .toList());
  }

  @Test
  void markers_areChecked() {
    assertThat(after(tx -> tx.delete(Tables.METADATA, Tables.HAS_ATTACHMENTS)))
        .containsExactly(
            "the row \"attachments\" of metadata is missing although there are attachments");
    byte[] one = ByteBuffer.allocate(4).putInt(1).array();
    assertThat(
        after(
            tx -> {
              tx.put(Tables.METADATA, Tables.HAS_ATTACHMENTS, new byte[0]);
              tx.put(Tables.FORMAT, Tables.FORMAT_KEY, one);
            }))
        .containsExactly(
            "the format is 1 although there are attachments, so that earlier versions would not"
                + " refuse the database");
  }

  @Test
  void rowsThatCannotBeRead_areFoundAndTheRestChecked() {
    byte[] key = ContentRows.contentKey(small.content().sha256());
    Blob blob = blob();
    assertThat(
        after(
            tx -> {
              tx.put(Tables.ATTACHMENTS, key, new byte[] {9});
              tx.delete(Tables.ATTACHMENTS, ContentRows.chunkKey(blob, 0));
            }))
        .anyMatch(problem -> problem.contains("The row of a content has the unknown layout 9"))
        .anyMatch(problem -> problem.contains("lacks the chunk 0 of 3"));
  }

  @Test
  void sizes_areRecounted() {
    assertThat(after(tx -> tx.add(Tables.STATS, Tables.SIZE_EXTERNAL, 1)))
        .singleElement()
        .asString()
        .startsWith("the counters say sizes.external=");
    assertThat(database.info().sizeExternal())
        .isEqualTo(2 + 250_000 + 2 + attachmentStored("t") + 1);
  }

  private long attachmentStored(String id) {
    return database
        .attachment(id, "t", Optional.empty(), false)
        .attachment()
        .content()
        .storedLength();
  }
}
