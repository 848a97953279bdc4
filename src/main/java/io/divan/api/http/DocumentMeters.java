package io.divan.api.http;

import io.divan.document.Database;
import io.divan.document.DocumentException;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentInput;
import io.divan.document.ShownAttachment;
import io.divan.document.UpdateResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.stereotype.Component;

/** The meters of documents that requests read and write. Safe for use by many threads. */
@Component
public final class DocumentMeters {

  /** The meter of documents that were written. */
  public static final String WRITTEN = "divan.documents.written";

  /** The meter of documents that were read. */
  public static final String READ = "divan.documents.read";

  /** The meter of the contents of attachments that were written. */
  public static final String ATTACHMENTS_WRITTEN = "divan.attachments.written.bytes";

  /** The meter of the contents of attachments that were read. */
  public static final String ATTACHMENTS_READ = "divan.attachments.read.bytes";

  private final Counter read;
  private final Counter readBytes;
  private final Counter readAttachmentBytes;
  private final Counter interactive;
  private final Counter replicated;
  private final Counter deletion;
  private final Counter local;
  private final Counter writtenBytes;
  private final Counter writtenAttachmentBytes;
  private final Counter conflicts;
  private final DistributionSummary bulkDocs;
  private final DistributionSummary bulkGet;
  private final LongAdder inserted = new LongAdder();
  private final RecentValues recentBulkDocs = new RecentValues(System::nanoTime);

  DocumentMeters(MeterRegistry registry) {
    read = Counter.builder(READ).description("Documents in responses").register(registry);
    readBytes =
        Counter.builder("divan.documents.read.bytes")
            .description("JSON of the documents in responses")
            .baseUnit("bytes")
            .register(registry);
    readAttachmentBytes =
        attachments(registry, ATTACHMENTS_READ, "Attachments in responses, before compression");
    writtenAttachmentBytes =
        attachments(
            registry,
            ATTACHMENTS_WRITTEN,
            "Received attachments of stored edits, before compression");
    interactive = written(registry, "interactive");
    replicated = written(registry, "replicated");
    deletion = written(registry, "deletion");
    local = written(registry, "local");
    writtenBytes =
        Counter.builder("divan.documents.written.bytes")
            .description("JSON of the stored edits")
            .baseUnit("bytes")
            .register(registry);
    conflicts =
        Counter.builder("divan.documents.conflicts")
            .description("Edits that were refused because of a conflict")
            .register(registry);
    bulkDocs = bulk(registry, "bulk_docs");
    bulkGet = bulk(registry, "bulk_get");
  }

  private static Counter written(MeterRegistry registry, String kind) {
    return Counter.builder(WRITTEN)
        .description("Stored edits")
        .tag("kind", kind)
        .register(registry);
  }

  private static Counter attachments(
      MeterRegistry registry, String name, String description) {
    return Counter.builder(name)
        .description(description)
        .baseUnit("bytes")
        .register(registry);
  }

  private static DistributionSummary bulk(MeterRegistry registry, String operation) {
    return DistributionSummary.builder("divan.bulk.documents")
        .description("Documents of a request")
        .tag("operation", operation)
        .serviceLevelObjectives(1, 10, 100, 1_000, 10_000)
        .register(registry);
  }

  /** Documents were read for a response. */
  public void read(long documents, long bytes) {
    if (documents > 0) {
      read.increment((double) documents);
      readBytes.increment((double) bytes);
    }
  }

  /**
   * A document was read for a response.
   *
   * @param attachments the attachments whose contents the response includes, where they are there
   */
  public void read(byte[] json, List<ShownAttachment> attachments) {
    read(1, json.length);
    for (ShownAttachment shown : attachments) {
      if (shown.content().isPresent()) {
        readAttachments(shown.attachment().content().length());
      }
    }
  }

  /** Bytes of attachments were read for a response. */
  public void readAttachments(long bytes) {
    readAttachmentBytes.increment((double) bytes);
  }

  /** A request for many documents was read. */
  public void bulkGet(int documents) {
    bulkGet.record(documents);
  }

  /** A request with many edits was read. */
  public void bulkDocs(long documents) {
    bulkDocs.record((double) documents);
    recentBulkDocs.record((double) documents);
  }

  /** How many first revisions were stored since the start. */
  public double inserted() {
    return inserted.sum();
  }

  /** The sizes of the last requests with many edits. */
  public RecentValues recentBulkDocs() {
    return recentBulkDocs;
  }

  /**
   * Applies an edit of a user and counts it.
   *
   * @throws DocumentException if it is refused
   */
  public UpdateResult.Saved update(Database database, DocumentInput edit) {
    List<UpdateResult> results = database.update(List.of(edit));
    applied(List.of(edit), results, false);
    return results.getFirst().orThrow();
  }

  /**
   * Edits were applied.
   *
   * @param results the outcome of each edit, in their order; known replicated edits included
   */
  public void applied(
      List<DocumentInput> edits, List<UpdateResult> results, boolean isReplicated) {
    long bytes = 0;
    long attachmentBytes = 0;
    for (int i = 0; i < edits.size(); i++) {
      DocumentInput edit = edits.get(i);
      switch (results.get(i)) {
        case UpdateResult.Saved saved -> {
          counter(edit, isReplicated).increment();
          if (saved.revision().startsWith("1-")) {
            inserted.increment();
          }
          bytes += edit.body().length;
          attachmentBytes += edit.receivedBytes();
        }
        case UpdateResult.Refused refused -> {
          if (refused.reason() instanceof DocumentException.Conflict) {
            conflicts.increment();
          }
        }
      }
    }
    writtenBytes.increment((double) bytes);
    if (attachmentBytes > 0) {
      writtenAttachmentBytes.increment((double) attachmentBytes);
    }
  }

  private Counter counter(DocumentInput edit, boolean isReplicated) {
    if (DocumentIds.isLocal(edit.requireId())) {
      return local;
    }
    return isReplicated ? replicated : edit.deleted() ? deletion : interactive;
  }
}
