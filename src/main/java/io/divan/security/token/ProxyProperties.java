package io.divan.security.token;

import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Proxies that authenticate users.
 *
 * @param proxyEnabled whether the headers of a proxy are read at all
 * @param proxyUseSecret whether the proxy must prove with a token that it knows the secret;
 *     CouchDB's {@code chttpd_auth/proxy_use_secret}
 * @param xAuthUsername the header with the user's name; CouchDB's {@code
 *     chttpd_auth/x_auth_username}
 * @param xAuthRoles the header with the user's roles, separated by commas; CouchDB's {@code
 *     chttpd_auth/x_auth_roles}
 * @param xAuthToken the header with the token; CouchDB's {@code chttpd_auth/x_auth_token}
 */
@Validated
@ConfigurationProperties("divan.authentication")
record ProxyProperties(
    @DefaultValue("false") boolean proxyEnabled,
    @DefaultValue("true") boolean proxyUseSecret,
    @DefaultValue("X-Auth-CouchDB-UserName") @NotBlank String xAuthUsername,
    @DefaultValue("X-Auth-CouchDB-Roles") @NotBlank String xAuthRoles,
    @DefaultValue("X-Auth-CouchDB-Token") @NotBlank String xAuthToken) {}
