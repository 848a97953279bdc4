package io.divan.api.attachment;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The Content Security Policy of attachments, so that a stored page cannot act as its reader. An
 * administrator can also change it while the service runs.
 *
 * @param attachmentsEnabled whether responses have it
 * @param attachmentsHeader the value of the header
 */
@ConfigurationProperties("divan.http.csp")
record CspProperties(
    @DefaultValue("true") boolean attachmentsEnabled,
    @DefaultValue("sandbox") String attachmentsHeader) {}
