package io.divan.api.http;

import java.util.Optional;

/**
 * What a trusted proxy says about the client of a request.
 *
 * @param address the address of the client, as a literal
 * @param isSecure whether the client's connection is encrypted
 * @param host the host, and perhaps the port, that the client used
 */
record ForwardedClient(String address, boolean isSecure, Optional<String> host) {}
