package io.divan.api.http;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Reverse proxies in front of the service.
 *
 * @param trustedProxies the addresses and networks of the proxies, such as {@code 10.0.0.7} or
 *     {@code 10.0.0.0/8}. Only requests from these may name another client with {@code
 *     X-Forwarded-For}, {@code -Proto}, {@code -Ssl} and {@code -Host}.
 */
@ConfigurationProperties("divan.http")
record ProxyProperties(@DefaultValue List<String> trustedProxies) {}
