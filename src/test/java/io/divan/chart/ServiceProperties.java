package io.divan.chart;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The properties that the service has: Spring Boot's, as its metadata lists them, and Divan's own.
 * Names are compared without their separators, as Spring Boot compares environment variables.
 */
final class ServiceProperties {
  private final Set<String> names = new TreeSet<>();

  /** Properties that hold maps: any name below them is a property. */
  private final Set<String> maps = new TreeSet<>();

  ServiceProperties() throws IOException, ClassNotFoundException {
    ClassLoader loader = getClass().getClassLoader();
    for (URL metadata : Collections.list(loader.getResources(
        "META-INF/spring-configuration-metadata.json"))) {
      try (InputStream in = metadata.openStream()) {
        for (JsonNode property : new JsonMapper().readTree(in).get("properties")) {
          String type = property.path("type").stringValue("");
          add(property.get("name").stringValue(), type.startsWith("java.util.Map"));
        }
      }
    }
    ClassPathScanningCandidateComponentProvider scanner =
        new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    for (BeanDefinition found : scanner.findCandidateComponents("io.divan")) {
      Class<?> type = ClassUtils.forName(found.getBeanClassName(), loader);
      addRecord(type.getAnnotation(ConfigurationProperties.class).value(), type);
    }
    add("divan.admins", true); // bound without a class
  }

  private void addRecord(String prefix, Class<?> type) {
    for (RecordComponent component : type.getRecordComponents()) {
      String name = prefix + "." + component.getName();
      if (component.getType().isRecord()) {
        addRecord(name, component.getType());
      } else {
        add(name, Map.class.isAssignableFrom(component.getType()));
      }
    }
  }

  private void add(String name, boolean isMap) {
    (isMap ? maps : names).add(plain(name));
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  /** Whether a property, an environment variable, or a group of properties exists. */
  boolean contains(String name) {
    String plain = plain(name);
    return names.stream().anyMatch(known -> known.equals(plain))
        || maps.stream().anyMatch(plain::startsWith);
  }

  /** Whether a name begins the names of properties, as {@code divan.cors} does. */
  boolean containsGroup(String name) {
    return contains(name) || names.stream().anyMatch(known -> known.startsWith(plain(name)));
  }
}
