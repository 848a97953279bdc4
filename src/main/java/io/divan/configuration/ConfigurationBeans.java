package io.divan.configuration;

import io.divan.storage.StorageAdapter;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The settings of the service, in the system store of its storage. */
@Configuration(proxyBeanMethods = false)
class ConfigurationBeans {

  /** Spring closes this bean before the storage. */
  @Bean(destroyMethod = "close")
  RuntimeConfiguration runtimeConfiguration(StorageAdapter adapter) {
    return new RuntimeConfiguration(adapter::system);
  }

  /** Starts to follow other instances once all beans have declared their settings. */
  @Bean
  SmartInitializingSingleton settingsFollower(RuntimeConfiguration configuration) {
    return configuration::start;
  }
}
