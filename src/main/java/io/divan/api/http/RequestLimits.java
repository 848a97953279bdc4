package io.divan.api.http;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import io.divan.document.Database;
import io.divan.document.DocumentLimits;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/** The limits of requests that an administrator can change while the service runs. */
@Component
public final class RequestLimits {
  private static final long DATABASES_MAX = 10_000;

  private final Setting<Long> requestBytes;
  private final Setting<Long> databasesPerInfoRequest;
  private final DocumentLimits documents;

  RequestLimits(
      RuntimeConfiguration configuration, HttpProperties http, LimitProperties limits) {
    requestBytes =
        configuration.declare(
            "chttpd",
            "max_http_request_size",
            "divan.http.max-request-size",
            ValueType.integer(0, Long.MAX_VALUE),
            http.maxRequestSize().toBytes(),
            Trait.CHANGEABLE);
    databasesPerInfoRequest =
        configuration.declare(
            "chttpd",
            "max_db_number_for_dbs_info_req",
            "divan.limits.max-databases-per-info-request",
            ValueType.integer(0, DATABASES_MAX),
            limits.maxDatabasesPerInfoRequest(),
            Trait.CHANGEABLE);
    Setting<Long> documentBytes =
        configuration.declare(
            "couchdb",
            "max_document_size",
            "divan.limits.max-document-size",
            ValueType.integer(0, Database.DOCUMENT_BYTES_MAX),
            limits.maxDocumentSize().toBytes(),
            Trait.CHANGEABLE);
    Long idLength = limits.maxDocumentIdLength();
    Setting<Long> idBytes =
        configuration.declare(
            "couchdb",
            "max_document_id_length",
            "divan.limits.max-document-id-length",
            ValueType.integerOrInfinity(1, Integer.MAX_VALUE),
            idLength == null ? Long.MAX_VALUE : idLength,
            Trait.CHANGEABLE);
    DataSize attachmentSize = limits.maxAttachmentSize();
    Setting<Long> attachmentBytes =
        configuration.declare(
            "couchdb",
            "max_attachment_size",
            "divan.limits.max-attachment-size",
            ValueType.integerOrInfinity(0, Long.MAX_VALUE),
            attachmentSize.toBytes(),
            Trait.CHANGEABLE);
    documents = new DocumentLimits(documentBytes, idBytes, attachmentBytes);
  }

  /** The maximum size of a request body, in bytes. */
  Setting<Long> requestBytes() {
    return requestBytes;
  }

  /** The maximum number of databases that one {@code POST /_dbs_info} names. */
  public Setting<Long> databasesPerInfoRequest() {
    return databasesPerInfoRequest;
  }

  /** The limits of the documents that clients write. */
  public DocumentLimits documents() {
    return documents;
  }
}
