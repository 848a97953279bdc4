package io.divan.api.server;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The server as it presents itself.
 *
 * @param uuid the id that {@code /} returns. Without it, the id is random and kept with the data.
 * @param configWhitelist the settings that can be changed over HTTP, as CouchDB's {@code
 *     config_whitelist}: {@code [{section,key}, {section,"*"}]}. The default is all of them.
 * @param maintenanceMode whether the server asks load balancers to send it no requests
 */
@ConfigurationProperties("divan.server")
record NodeProperties(
    @Nullable String uuid,
    @DefaultValue("") String configWhitelist,
    @DefaultValue("false") Maintenance.Mode maintenanceMode) {}
