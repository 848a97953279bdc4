package io.divan.document.maintenance;

import io.divan.document.revision.Attachment;
import io.divan.document.revision.AttachmentTotals;
import io.divan.document.revision.Content;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionPath;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.ByteReader;
import io.divan.document.rows.ChangeRow;
import io.divan.document.rows.ContentRows;
import io.divan.document.rows.ContentRows.Place;
import io.divan.document.rows.LeafRow;
import io.divan.document.rows.LocalDocuments;
import io.divan.document.rows.PurgeInfos;
import io.divan.document.rows.Tables;
import io.divan.storage.KeyValue;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Prints a row as a line {@code table  key  value}, separated by two spaces. Never fails: a value
 * that cannot be decoded is printed as {@code corrupt}, with its bytes and the reason.
 */
enum RowText {
  FORMAT(Tables.FORMAT, RowText::format),
  METADATA(Tables.METADATA, RowText::metadata),
  STATS(Tables.STATS, RowText::stats),
  ALL_DOCS(Tables.ALL_DOCS, RowText::listed),
  CHANGES(Tables.CHANGES, RowText::change),
  DOCS(Tables.DOCS, RowText::leaf),
  REV_DATA(Tables.REV_DATA, RowText::body),
  LOCAL_DOCS(Tables.LOCAL_DOCS, RowText::local),
  ATTACHMENTS(Tables.ATTACHMENTS, RowText::attachment),
  INDEXES(Tables.INDEXES, IndexText::value),
  PURGES(Tables.PURGES, RowText::purge);

  private static final int BYTES_SHOWN_MAX = 64;
  private static final int JSON_BYTES_SHOWN_MAX = 200;
  private static final int ANCESTORS_SHOWN_MAX = 10;
  private static final int REFERENCES_SHOWN_MAX = 20;

  private final Table table;
  private final Function<KeyValue, String> value;

  RowText(Table table, Function<KeyValue, String> value) {
    this.table = table;
    this.value = value;
  }

  Table table() {
    return table;
  }

  String line(KeyValue row) {
    String key =
        this == INDEXES ? IndexText.key(row.key()) : TupleText.print(row.key());
    return table.name() + "  " + key + "  " + value(row);
  }

  /** Prints all bytes of a row. */
  static String raw(Table table, KeyValue row) {
    return table.name() + "  " + TupleText.hex(row.key()) + "  " + TupleText.hex(row.value());
  }

  private String value(KeyValue row) {
    try {
      return value.apply(row);
    } catch (RuntimeException e) { // damaged bytes can cause any exception
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      return "corrupt " + bytes(row.value()) + " (" + TupleText.printable(reason) + ")";
    }
  }

  private static String format(KeyValue row) {
    if (Arrays.equals(row.key(), Tables.COPYING)) {
      return "a copy that is not finished";
    }
    int number = ByteBuffer.wrap(exactly(Integer.BYTES, row.value())).getInt();
    int known =
        Arrays.equals(row.key(), Tables.FORMAT_MINOR_KEY)
            ? Tables.FORMAT_MINOR
            : Tables.FORMAT_NUMBER;
    return number + (number > known ? " newer than this version reads" : "");
  }

  private static String metadata(KeyValue row) {
    if (Arrays.equals(row.key(), Tables.SECURITY)) {
      return json(row.value());
    }
    if (Arrays.equals(row.key(), Tables.OLD_BYTES_KNOWN)) {
      return "that counter is right";
    }
    if (Arrays.equals(row.key(), Tables.HAS_ATTACHMENTS)) {
      return "an attachment was stored";
    }
    List<@Nullable Object> value = TupleReader.unpack(row.value());
    String text = TupleText.print(value);
    return Arrays.equals(row.key(), Tables.CREATED) && value.getFirst() instanceof Long seconds
        ? text + " " + Instant.ofEpochSecond(seconds)
        : text;
  }

  private static String stats(KeyValue row) {
    return Arrays.equals(row.key(), Tables.LAST_CHANGE)
        || Arrays.equals(row.key(), Tables.LAST_PURGE)
            ? "@" + Versionstamp.fromBytes(exactly(Versionstamp.LENGTH, row.value()), 0)
            : Long.toString(
                ByteBuffer.wrap(exactly(Long.BYTES, row.value()))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong());
  }

  private static String listed(KeyValue row) {
    TupleReader value = new TupleReader(row.value());
    Revision winner = new Revision(value.nextLong(), value.nextBytes());
    end(value);
    return "rev=" + revision(winner);
  }

  private static String change(KeyValue row) {
    ChangeRow change = ChangeRow.decode(row);
    return "id=" + TupleText.quote(change.id())
        + " rev=" + revision(change.winner())
        + (change.deleted() ? " deleted" : "")
        + change.number().map(number -> " number=" + number).orElse("");
  }

  private static String purge(KeyValue row) {
    PurgeInfos.Info purge = PurgeInfos.decode(row);
    String revisions =
        purge.revisions().stream().map(RowText::revision).collect(Collectors.joining(","));
    return "id=" + TupleText.quote(purge.id()) + " revs=" + revisions;
  }

  private static String leaf(KeyValue row) {
    LeafRow decoded = LeafRow.decode(row);
    Leaf leaf = decoded.leaf();
    StringBuilder out = new StringBuilder();
    decoded
        .sequence()
        .ifPresent(
            sequence -> out.append("winner seq=@").append(sequence)
                .append(" leaves=").append(decoded.branches()).append(' '));
    out.append("rev=").append(revision(leaf.revision()));
    out.append(leaf.deleted() ? " deleted" : "");
    out.append(" body=").append(leaf.bodyBytes());
    AttachmentTotals attachments = leaf.attachments();
    out.append(" attachments=").append(attachments.count());
    if (attachments.count() > 0) {
      out.append(" of ").append(attachments.contentBytes()).append(" bytes");
    }
    return out.append(" ancestors=").append(ancestors(leaf.path())).toString();
  }

  private static String ancestors(RevisionPath path) {
    int ancestors = path.length() - 1;
    if (ancestors == 0) {
      return "0";
    }
    int shown = Math.min(ancestors, ANCESTORS_SHOWN_MAX);
    return path.revisions().subList(1, 1 + shown).stream()
        .map(RowText::revision)
        .collect(Collectors.joining(",", ancestors + ":", shown < ancestors ? ",…" : ""));
  }

  private static String body(KeyValue row) {
    TupleReader key = new TupleReader(row.key());
    key.nextString();
    key.nextLong();
    key.nextBytes();
    if (key.nextLong() > 0) {
      return json(row.value());
    }
    ByteReader value = new ByteReader(row.value());
    int deleted = value.next();
    if (deleted > 1) {
      throw new IllegalStateException("A body begins with " + deleted);
    }
    value.next(value.int32());
    return (deleted == 1 ? "deleted " : "")
        + references(Bodies.attachments(row))
        + json(value.rest());
  }

  private static String references(List<Attachment> attachments) {
    if (attachments.isEmpty()) {
      return "";
    }
    int shown = Math.min(attachments.size(), REFERENCES_SHOWN_MAX);
    return attachments.stream()
        .limit(shown)
        .map(RowText::reference)
        .collect(
            Collectors.joining(
                "; ", "references=[", (shown < attachments.size() ? "; …" : "") + "] "));
  }

  private static String reference(Attachment attachment) {
    Content content = attachment.content();
    return TupleText.quote(attachment.name())
        + " " + TupleText.quote(attachment.type())
        + " revpos=" + attachment.revisionPosition()
        + " sha256=" + TupleText.hex(content.sha256())
        + " " + content.digest()
        + " bytes=" + content.storedLength()
        + (content.gzip() ? " gzip of " + content.length() : "");
  }

  private static String attachment(KeyValue row) {
    return switch (ContentRows.kind(row.key())) {
      case CHUNK -> "bytes=" + row.value().length + " " + bytes(row.value());
      case DEADLINE -> deadline(ContentRows.deadline(row));
      case CONTENT ->
          switch (ContentRows.place(row.value())) {
            case Place.Inline inline ->
                "bytes=" + inline.bytes().length + " " + bytes(inline.bytes());
            case Place.InBlob in -> "bytes=" + in.length() + " blob=0x" + in.blob();
          };
      case REFERENCE -> row.value().length == 0 ? "reference" : bytes(row.value());
    };
  }

  private static String deadline(long millis) {
    return millis == ContentRows.REMOVING
        ? "without a content, being removed"
        : "without a content, removed after " + Instant.ofEpochMilli(millis);
  }

  private static String local(KeyValue row) {
    TupleReader key = new TupleReader(row.key());
    key.nextString();
    if (key.nextLong() > 0) {
      return json(row.value());
    }
    ByteReader value = LocalDocuments.open(row.value());
    return "rev=0-" + value.nextVarlong() + " " + json(value.rest());
  }

  /** Prints the length of some JSON, and its beginning. */
  private static String json(byte[] json) {
    int shown = Math.min(json.length, JSON_BYTES_SHOWN_MAX);
    while (shown < json.length && shown > 0 && (json[shown] & 0xC0) == 0x80) {
      shown--;
    }
    String text = new String(json, 0, shown, StandardCharsets.UTF_8);
    return "bytes=" + json.length + " " + TupleText.printable(text)
        + (shown < json.length ? "…" : "");
  }

  private static String revision(Revision revision) {
    return TupleText.printable(revision.toString());
  }

  private static String bytes(byte[] bytes) {
    return bytes.length <= BYTES_SHOWN_MAX
        ? TupleText.hex(bytes)
        : TupleText.hex(Arrays.copyOf(bytes, BYTES_SHOWN_MAX)) + "… " + bytes.length + " bytes";
  }

  private static byte[] exactly(int length, byte[] bytes) {
    if (bytes.length != length) {
      throw new IllegalStateException("Expected " + length + " bytes, not " + bytes.length);
    }
    return bytes;
  }

  private static void end(TupleReader value) {
    if (value.hasNext()) {
      throw new IllegalStateException("Unexpected bytes follow the value");
    }
  }
}
