package io.divan.security.users;

import io.divan.background.BackgroundTasks;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.Databases;
import io.divan.document.EditHooks;
import io.divan.security.password.PasswordHasher;
import io.divan.security.password.PasswordRules;
import io.divan.storage.StorageAdapter;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of the database {@code _users} and of the databases of single users. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({UsersProperties.class, PerUserProperties.class})
class UsersConfiguration {

  @Bean
  UsersSettings usersSettings(RuntimeConfiguration configuration, UsersProperties configured) {
    return UsersSettings.declare(configuration, configured);
  }

  @Bean
  EditHooks usersHooks(UsersSettings settings, PasswordHasher hasher, PasswordRules rules) {
    return UsersHooks.of(settings, hasher, rules);
  }

  @Bean
  UsersAccess usersAccess(UsersSettings settings) {
    return new UsersAccess(settings);
  }

  @Bean(destroyMethod = "close")
  PasswordUpgrades passwordUpgrades(
      Databases databases, UsersSettings settings, PasswordHasher hasher) {
    return new PasswordUpgrades(databases, settings, hasher);
  }

  @Bean(initMethod = "start")
  UsersDatabase usersDatabase(Databases databases, BackgroundTasks tasks) {
    return new UsersDatabase(databases, tasks);
  }

  /** Spring closes this bean before the background tasks. */
  @Bean(initMethod = "follow", destroyMethod = "close")
  PerUserDatabases perUserDatabases(
      Databases databases,
      StorageAdapter adapter,
      BackgroundTasks tasks,
      RuntimeConfiguration configuration,
      PerUserProperties configured) {
    PerUserSettings settings = PerUserSettings.declare(configuration, configured);
    PerUserDatabases userDatabases =
        new PerUserDatabases(databases, adapter::system, tasks, settings);
    configuration.onChange(userDatabases::follow);
    return userDatabases;
  }
}
