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
 * Imports the auto-configurations of {@link StorageBackend}s: all on the class path except Spring's
 * own, which terminal commands do not need.
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
