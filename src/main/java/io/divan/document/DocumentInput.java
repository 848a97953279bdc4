package io.divan.document;

import io.divan.document.attachment.ReceivedContent;
import io.divan.document.revision.Revision;
import io.divan.storage.Limits;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A document as a client sent it: checked and in canonical form, but not yet compared with the
 * stored document.
 *
 * @param id the id of the body, if it has one
 * @param revision the {@code _rev} member, if there is one
 * @param path the revisions of {@code _revisions}, newest first, if it has that member
 * @param deleted whether the edit is a deletion
 * @param attachments its attachments, in their order; each name occurs once
 * @param body canonical JSON without underscore members, braces included; must not be modified
 */
public record DocumentInput(
    Optional<String> id,
    Optional<Revision> revision,
    Optional<List<Revision>> path,
    boolean deleted,
    List<AttachmentInput> attachments,
    byte[] body) {

  /** An edit costs about this many bytes of a transaction besides its key and body. */
  private static final int REFERENCE_BYTES = 600;

  /** A deletion without a body. */
  public static DocumentInput deletion(String id, Optional<Revision> revision) {
    return new DocumentInput(
        Optional.of(id), revision, Optional.empty(), true, List.of(), new byte[] {'{', '}'});
  }

  /** A document without members. */
  public static DocumentInput empty(String id) {
    return new DocumentInput(
        Optional.of(id),
        Optional.empty(),
        Optional.empty(),
        false,
        List.of(),
        new byte[] {'{', '}'});
  }

  /** The same input under an id. */
  public DocumentInput withId(String other) {
    return new DocumentInput(Optional.of(other), revision, path, deleted, attachments, body);
  }

  /** The same input on a revision. */
  public DocumentInput withRevision(Revision other) {
    return new DocumentInput(id, Optional.of(other), path, deleted, attachments, body);
  }

  /**
   * The same input with another body.
   *
   * @param other canonical JSON without underscore members; must not be modified
   */
  public DocumentInput withBody(byte[] other) {
    return new DocumentInput(id, revision, path, deleted, attachments, other);
  }

  /** The same input with other attachments. */
  public DocumentInput withAttachments(List<AttachmentInput> others) {
    return new DocumentInput(id, revision, path, deleted, others, body);
  }

  /** Whether an attachment stays as the revision has it that the edit follows. */
  public boolean hasStubs() {
    for (AttachmentInput attachment : attachments) {
      if (attachment instanceof AttachmentInput.Stub) {
        return true;
      }
    }
    return false;
  }

  /** The contents that were received for this edit. */
  Stream<ReceivedContent> received() {
    return attachments.stream()
        .filter(AttachmentInput.Received.class::isInstance)
        .map(attachment -> ((AttachmentInput.Received) attachment).content());
  }

  /** The bytes of the contents that were received for this edit, before compression. */
  public long receivedBytes() {
    return attachments.isEmpty()
        ? 0
        : received().mapToLong(content -> content.content().length()).sum();
  }

  /** About how many bytes of a transaction the edit needs. */
  public long transactionBytes() {
    int idBytes = requireId().length();
    long bytes = body.length + Limits.writeBytes(idBytes, 0);
    if (!attachments.isEmpty()) {
      bytes += attachments.size() * (REFERENCE_BYTES + 3L * idBytes);
      bytes += received().mapToLong(content -> content.bytesInMemory()).sum();
    }
    return bytes;
  }

  /** The document as it is shown once it is stored as this revision. */
  public byte[] shownAs(String stored) {
    return DocumentJson.of(requireId(), stored, deleted, body);
  }

  /**
   * The id.
   *
   * @throws java.util.NoSuchElementException when it has no id
   */
  public String requireId() {
    return id.orElseThrow();
  }

  /** The revision the edit builds upon: the newest of {@code _revisions}, else {@code _rev}. */
  public Optional<Revision> base() {
    return path.isPresent() ? path.map(List::getFirst) : revision;
  }
}
