package io.divan.operations;

import io.divan.storage.StorageBackend;
import java.util.List;
import java.util.stream.StreamSupport;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.context.annotation.DeferredImportSelector;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Imports the auto-configurations on the class path that are not Spring's own, which are those of
 * the {@link StorageBackend}s. Terminal commands use it: they need none of Spring's.
 */
final class BackendConfigurations implements DeferredImportSelector, BeanClassLoaderAware {
  private ClassLoader classLoader = BackendConfigurations.class.getClassLoader();

  @Override
  public void setBeanClassLoader(ClassLoader classLoader) {
    this.classLoader = classLoader;
  }

  @Override
  public String[] selectImports(AnnotationMetadata importing) {
    List<String> found =
        StreamSupport.stream(
            ImportCandidates.load(AutoConfiguration.class, classLoader).spliterator(), false)
            .filter(name -> !name.startsWith("org.springframework."))
            .toList();
    return found.toArray(String[]::new);
  }
}
