package io.divan.security;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.Databases;
import io.divan.security.password.Lockouts;
import io.divan.security.password.PasswordHasher;
import io.divan.security.session.SessionCookies;
import io.divan.security.token.JsonWebTokens;
import io.divan.security.token.ProxyTokens;
import io.divan.security.users.PasswordUpgrades;
import io.divan.security.users.UsersAccess;
import io.divan.storage.StorageAdapter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The beans that decide who a caller is and what it may do. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AccessProperties.class, ManagementServerProperties.class})
class SecurityConfiguration {

  @Bean
  Access access(
      AccessProperties properties, RuntimeConfiguration configuration, UsersAccess users) {
    return new Access(properties, configuration, users);
  }

  @Bean
  Exposure exposure(ServerProperties server, ManagementServerProperties management) {
    return Exposure.of(
        Optional.ofNullable(server.getAddress()),
        management.getPort() != null,
        Optional.ofNullable(management.getAddress()));
  }

  @Bean
  Audit audit(MeterRegistry registry) {
    return new Audit(registry);
  }

  @Bean
  UserChanges userChanges(Audit audit) {
    return new UserChanges(audit);
  }

  @Bean
  Administrators administrators(
      Environment environment,
      StorageAdapter storage,
      PasswordHasher hasher,
      RuntimeConfiguration configuration,
      Exposure exposure) {
    Map<String, String> configured =
        Binder.get(environment)
            .bind("divan.admins", Bindable.mapOf(String.class, String.class))
            .orElse(Map.of());
    return new Administrators(
        configured, storage.system(), hasher, configuration, exposure.isExposed());
  }

  @Bean(destroyMethod = "close")
  Accounts accounts(
      Databases databases,
      Administrators administrators,
      UserChanges changes,
      UsersAccess users) {
    return new Accounts(databases, administrators, changes, users::allowsConflicts);
  }

  @Bean
  MeterBinder accountMeters(Accounts accounts) {
    return registry -> {
      cacheRequests(registry, accounts, "hit", Accounts::hits);
      cacheRequests(registry, accounts, "miss", Accounts::misses);
    };
  }

  private static void cacheRequests(
      MeterRegistry registry, Accounts accounts, String result, ToDoubleFunction<Accounts> count) {
    FunctionCounter.builder(Accounts.CACHE_METER, accounts, count)
        .description("Look-ups of users in the cache")
        .tag("result", result)
        .register(registry);
  }

  @Bean
  Authenticator authenticator(
      Accounts accounts,
      Administrators administrators,
      PasswordHasher hasher,
      Lockouts lockouts,
      SessionCookies cookies,
      JsonWebTokens tokens,
      ProxyTokens proxies,
      PasswordUpgrades upgrades,
      Audit audit,
      Exposure exposure) {
    return new Authenticator(
        accounts,
        administrators,
        hasher,
        lockouts,
        cookies,
        tokens,
        proxies,
        upgrades,
        audit,
        InstantSource.system(),
        exposure.isExposed());
  }
}
