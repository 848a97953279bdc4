package io.divan.api.attachment;

import io.divan.document.attachment.Compression;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How attachments are stored. An administrator can also change it while the service runs.
 *
 * @param compressibleTypes the content types that are stored gzipped, with commas between them; an
 *     asterisk stands for any text
 * @param compressionLevel the level of gzip; outside 1 to 9 nothing is compressed
 */
@ConfigurationProperties("divan.attachments")
record AttachmentProperties(
    @DefaultValue(Compression.DEFAULT_TYPES) String compressibleTypes,
    @DefaultValue("" + Compression.DEFAULT_LEVEL) int compressionLevel) {}
