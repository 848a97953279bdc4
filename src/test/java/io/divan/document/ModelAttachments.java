package io.divan.document;

import io.divan.document.attachment.Compression;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.Incoming;
import io.divan.document.revision.Attachment;
import io.divan.document.revision.Content;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** The attachments of {@link ModelProgram}: few contents, so that revisions often share them. */
final class ModelAttachments {
  private static final int GZIP_SYSTEM = 9;
  private static final byte UNIX = 3;

  /** How a content is sent. */
  private enum Kind {
    /** As it is stored. */
    PLAIN,
    /** With a type that is stored gzipped. */
    COMPRESSIBLE,
    /** Gzipped by the client. */
    GZIPPED
  }

  /** A content that edits bring. */
  private record Sample(Kind kind, byte[] sent, byte[] stored, Content content) {
    static Sample plain(int length) {
      byte[] bytes = TestAttachments.bytes(length, length);
      return of(Kind.PLAIN, bytes, bytes, bytes);
    }

    /** The same bytes as the plain sample of this length, and some that are repeated. */
    static Sample compressible(int length, int repetitions) {
      byte[] bytes = text(length, repetitions);
      return of(Kind.COMPRESSIBLE, bytes, gzip(bytes, UNIX), bytes);
    }

    static Sample gzipped(int length, int repetitions) {
      byte[] bytes = text(length, repetitions);
      byte[] gzipped = gzip(bytes, (byte) 0xFF);
      return of(Kind.GZIPPED, gzipped, gzipped, bytes);
    }

    private static byte[] text(int length, int repetitions) {
      byte[] some = TestAttachments.bytes(length, length);
      byte[] all = new byte[length * repetitions];
      for (int i = 0; i < repetitions; i++) {
        System.arraycopy(some, 0, all, i * length, length);
      }
      return all;
    }

    private static Sample of(Kind kind, byte[] sent, byte[] stored, byte[] identity) {
      Content content =
          new Content(
              digest("SHA-256", stored),
              digest("MD5", stored),
              digest("MD5", identity),
              stored.length,
              identity.length,
              kind != Kind.PLAIN);
      return new Sample(kind, sent, stored, content);
    }

    String type(String name) {
      return (kind == Kind.COMPRESSIBLE ? "text/" : "t/") + name;
    }
  }

  /** Those that an edit of a small batch may bring. */
  private static final List<Sample> SMALL =
      List.of(
          Sample.plain(0),
          Sample.plain(5),
          Sample.plain(2_000),
          Sample.compressible(5, 1),
          Sample.compressible(0, 0),
          Sample.gzipped(5, 300));

  /** Others, around the sizes at which content is stored in another way. */
  private static final List<Sample> LARGE =
      List.of(
          Sample.plain(63_999),
          Sample.plain(64_000),
          Sample.plain(64_001),
          Sample.plain(96_000),
          Sample.plain(96_001),
          Sample.plain(200_000),
          Sample.compressible(100, 1_500),
          Sample.compressible(70_000, 1),
          Sample.compressible(200_000, 1),
          Sample.gzipped(100_000, 1),
          Sample.gzipped(100, 5_000));

  private static final List<Sample> SAMPLES = all();

  static final int SMALL_COUNT = SMALL.size();
  static final int COUNT = SMALL.size() + LARGE.size();

  /** An attachment of an edit. */
  sealed interface Sent {
    String name();

    /**
     * The attachment that it makes.
     *
     * @param before the attachments of the revision that the edit follows
     * @param position the position of the edit's revision
     * @throws DocumentException.MissingStub if it is a stub of an attachment that is not there
     */
    Attachment attachment(String id, List<Attachment> before, long position);

    /** The bytes that are in memory until the edit is stored, at most. */
    int bytesInMemory();

    /** What the database is given. */
    AttachmentInput input(ContentReceiver receiver, long position);
  }

  /**
   * An attachment with its content.
   *
   * @param sample the number of its content
   * @param revisionPosition its {@code revpos}, if it is not that of the revision
   */
  record Upload(String name, int sample, OptionalLong revisionPosition) implements Sent {
    Upload(String name, int sample) {
      this(name, sample, OptionalLong.empty());
    }

    private Sample content() {
      return SAMPLES.get(sample);
    }

    @Override
    public int bytesInMemory() {
      return content().sent().length;
    }

    @Override
    public AttachmentInput input(ContentReceiver receiver, long position) {
      String type = content().type(name);
      try {
        Incoming incoming = receiver.begin(name, content().kind() == Kind.GZIPPED);
        if (name.length() == 1) { // the type of the others is known after the content
          incoming.type(type);
        }
        incoming.write(content().sent());
        return new AttachmentInput.Received(
            name,
            type,
            incoming.finish(type),
            OptionalLong.of(revisionPosition.orElse(position)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public Attachment attachment(String id, List<Attachment> before, long position) {
      return new Attachment(
          name, content().type(name), content().content(), revisionPosition.orElse(position));
    }
  }

  /**
   * An attachment that stays.
   *
   * @param revisionPosition its {@code revpos}, if that is sent
   */
  record Stub(String name, OptionalLong revisionPosition) implements Sent {
    @Override
    public int bytesInMemory() {
      return 0;
    }

    @Override
    public AttachmentInput input(ContentReceiver receiver, long position) {
      return new AttachmentInput.Stub(name, revisionPosition);
    }

    @Override
    public Attachment attachment(String id, List<Attachment> before, long position) {
      Predicate<Attachment> meant =
          one -> one.name().equals(name)
              && revisionPosition.orElse(one.revisionPosition()) == one.revisionPosition();
      return before.stream()
          .filter(meant)
          .findFirst()
          .orElseThrow(() -> new DocumentException.MissingStub(id, name));
    }
  }

  /** An attachment of another document. */
  record Copied(Attachment attachment) implements Sent {
    @Override
    public String name() {
      return attachment.name();
    }

    @Override
    public int bytesInMemory() {
      return 0;
    }

    @Override
    public AttachmentInput input(ContentReceiver receiver, long position) {
      return new AttachmentInput.Copied(attachment);
    }

    @Override
    public Attachment attachment(String id, List<Attachment> before, long position) {
      return attachment;
    }
  }

  private ModelAttachments() {}

  private static List<Sample> all() {
    List<Sample> all = new ArrayList<>(SMALL);
    all.addAll(LARGE);
    return List.copyOf(all);
  }

  /** A receiver that compresses as CouchDB does by default. */
  static ContentReceiver receiver(Database database) {
    return ContentReceiver.into(
        database.contents(),
        Compression.of(Compression.DEFAULT_TYPES, Compression.DEFAULT_LEVEL),
        () -> 1_000_000_000L);
  }

  /** An attachment as a replicated edit sends it. */
  static Sent upload(Attachment attachment) {
    for (int i = 0; i < SAMPLES.size(); i++) {
      Sample sample = SAMPLES.get(i);
      if (sample.content().equals(attachment.content())
          && sample.type(attachment.name()).equals(attachment.type())) {
        return new Upload(
            attachment.name(), i, OptionalLong.of(attachment.revisionPosition()));
      }
    }
    throw new IllegalArgumentException("Not made here: " + attachment);
  }

  private static byte[] gzip(byte[] bytes, byte system) {
    ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
    try (OutputStream out =
        new GZIPOutputStream(gzipped) {
          {
            def.setLevel(Compression.DEFAULT_LEVEL);
          }
        }) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] all = gzipped.toByteArray();
    all[GZIP_SYSTEM] = system;
    return all;
  }

  private static byte[] digest(String algorithm, byte[] bytes) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether these are the stored bytes of a content. */
  static boolean isStored(Content content, byte[] bytes) {
    return SAMPLES.stream()
        .anyMatch(
            sample -> sample.content().equals(content) && Arrays.equals(sample.stored(), bytes));
  }

  /** The member {@code _attachments} after others, or nothing. */
  static String json(List<Attachment> attachments) {
    return attachments.isEmpty()
        ? ""
        : attachments.stream()
            .map(
                one -> ModelDocument.quote(one.name()) + ":{\"content_type\":"
                    + ModelDocument.quote(one.type()) + ",\"revpos\":" + one.revisionPosition()
                    + ",\"digest\":\"" + one.content().digest() + "\",\"length\":"
                    + one.content().length() + ",\"stub\":true}")
            .collect(Collectors.joining(",", ",\"_attachments\":{", "}"));
  }
}
