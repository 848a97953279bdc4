package io.divan.api.http;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits that an administrator can also change while the service runs.
 *
 * @param maxDocumentSize the maximum size of a document as canonical JSON, at most 8000000 bytes; a
 *     larger one is refused with 413
 * @param maxDocumentIdLength the maximum length of the id of a document that is written, in bytes.
 *     Without it, the storage's limit of about 2,000 bytes applies.
 * @param maxDatabasesPerInfoRequest the maximum number of databases of one {@code POST /_dbs_info}
 * @param maxAttachmentSize the maximum size of an attachment before compression; a larger one is
 *     refused with 413
 */
@ConfigurationProperties("divan.limits")
record LimitProperties(
    @DefaultValue("8000000B") DataSize maxDocumentSize,
    @Nullable Long maxDocumentIdLength,
    @DefaultValue("100") long maxDatabasesPerInfoRequest,
    @DefaultValue("1GB") DataSize maxAttachmentSize) {}
