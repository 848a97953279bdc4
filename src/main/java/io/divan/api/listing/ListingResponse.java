package io.divan.api.listing;

import io.divan.api.attachment.AttachmentJson;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.JsonStream;
import io.divan.document.Database;
import io.divan.document.DatabaseInfo;
import io.divan.document.DocumentsByKey;
import io.divan.document.Listing;
import io.divan.document.ShownAttachment;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** The response to one listing: the documents of a key range or of a list of keys. */
final class ListingResponse {
  private static final String ROW_END = "\r\n";

  /** Writes the rows of a response. */
  @FunctionalInterface
  private interface Rows {
    void write(JsonStream stream, DocumentMeters meters) throws IOException;
  }

  private final Listing.Header header;
  private final boolean updateSequence;
  private final Rows rows;

  private ListingResponse(Listing.Header header, boolean updateSequence, Rows rows) {
    this.header = header;
    this.updateSequence = updateSequence;
    this.rows = rows;
  }

  /** Reads the totals. For a range, also reads the first rows. */
  static ListingResponse begin(Database database, Listing.Scope scope, ListingOptions options) {
    boolean updateSequence = options.updateSequence();
    Optional<List<JsonValue>> requested = options.keys(scope);
    if (requested.isPresent()) {
      List<JsonValue> keys = requested.get();
      Listing.Header header =
          new Listing.Header(
              total(database.info(), scope), Optional.empty(), Optional.empty());
      return new ListingResponse(
          header, updateSequence, (stream, meters) -> byKey(stream, database, keys, options,
              meters));
    }
    Listing listing = database.list(scope, options.query());
    Listing.Header header = listing.begin();
    return new ListingResponse(header, updateSequence, (stream, meters) -> range(
        stream, listing, options, meters));
  }

  private static Optional<Long> total(DatabaseInfo info, Listing.Scope scope) {
    return switch (scope) {
      case ALL_DOCS -> Optional.of(info.docCount());
      case DESIGN_DOCS -> Optional.of(info.designCount());
      case LOCAL_DOCS -> Optional.empty();
    };
  }

  void write(JsonStream stream, DocumentMeters meters) throws IOException {
    JsonBuffer out = stream.buffer();
    out.raw("{\"total_rows\":").raw(header.totalRows().map(String::valueOf).orElse("null"));
    out.raw(",\"offset\":").raw(header.offset().map(String::valueOf).orElse("null"));
    if (updateSequence) {
      out.raw(",\"update_seq\":");
      header.sequence().ifPresentOrElse(out::string, () -> out.raw("null"));
    }
    out.raw(",\"rows\":[").raw(ROW_END);
    rows.write(stream, meters);
    out.raw(ROW_END).raw("]}");
  }

  private static void range(
      JsonStream stream, Listing listing, ListingOptions options, DocumentMeters meters)
      throws IOException {
    JsonBuffer out = stream.buffer();
    boolean first = true;
    while (listing.hasNext()) {
      for (Listing.Row row : listing.next()) {
        out.raw(first ? "" : "," + ROW_END);
        first = false;
        out.raw("{\"id\":").string(row.id()).raw(",\"key\":").string(row.id());
        out.raw(",\"value\":{\"rev\":").string(row.revisionText()).raw('}');
        if (options.includeDocs()) {
          out.raw(",\"doc\":");
          document(stream, row.json(), row.attachments(), options, meters);
        }
        out.raw('}');
        stream.checkpoint();
      }
    }
  }

  private static void byKey(
      JsonStream stream,
      Database database,
      List<JsonValue> keys,
      ListingOptions options,
      DocumentMeters meters)
      throws IOException {
    List<String> ids = new ArrayList<>(keys.size());
    keys.forEach(key -> key.asString().ifPresent(ids::add));
    Iterator<DocumentsByKey.Row> rows =
        rows(
            database.byKey(
                ids, options.includeDocs(), options.conflicts(), options.attachments()));
    JsonBuffer out = stream.buffer();
    boolean first = true;
    for (JsonValue key : keys) {
      out.raw(first ? "" : "," + ROW_END);
      first = false;
      if (key.asString().isPresent()) {
        row(stream, rows.next(), options, meters);
      } else {
        key.appendTo(out.raw("{\"key\":"));
        out.raw(",\"error\":\"not_found\"}");
      }
      stream.checkpoint();
    }
  }

  private static Iterator<DocumentsByKey.Row> rows(DocumentsByKey documents) {
    return new Iterator<>() {
      private Iterator<DocumentsByKey.Row> batch = List.<DocumentsByKey.Row>of().iterator();

      @Override
      public boolean hasNext() {
        return batch.hasNext() || documents.hasNext();
      }

      @Override
      public DocumentsByKey.Row next() {
        if (!batch.hasNext()) {
          batch = documents.next().iterator();
        }
        return batch.next();
      }
    };
  }

  private static void document(
      JsonStream stream,
      Optional<byte[]> json,
      List<ShownAttachment> attachments,
      ListingOptions options,
      DocumentMeters meters)
      throws IOException {
    if (json.isPresent()) {
      meters.read(json.get(), attachments);
      boolean encodingInfo = options.attachments().encodingInfo();
      AttachmentJson.write(stream, json.get(), attachments, encodingInfo);
    } else {
      stream.buffer().raw("null");
    }
  }

  private static void row(
      JsonStream stream,
      DocumentsByKey.Row row,
      ListingOptions options,
      DocumentMeters meters)
      throws IOException {
    JsonBuffer out = stream.buffer();
    if (row.revision().isEmpty()) {
      out.raw("{\"key\":").string(row.id()).raw(",\"error\":\"not_found\"}");
      return;
    }
    out.raw("{\"id\":").string(row.id()).raw(",\"key\":").string(row.id());
    out.raw(",\"value\":{\"rev\":").string(row.revision().get());
    out.raw(row.deleted() ? ",\"deleted\":true}" : "}");
    if (options.includeDocs()) {
      out.raw(",\"doc\":");
      document(stream, row.json(), row.attachments(), options, meters);
    }
    out.raw('}');
  }
}
