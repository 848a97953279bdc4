package io.divan;

import java.util.List;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.context.annotation.ImportSelector;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Imports the service's components and configurations by name, from {@code
 * META-INF/spring/io.divan.DivanApplication.imports}. A scan would read every class of the service
 * at each start.
 */
final class ComponentImports implements ImportSelector, BeanClassLoaderAware {
  private ClassLoader classLoader = ComponentImports.class.getClassLoader();

  @Override
  public void setBeanClassLoader(ClassLoader classLoader) {
    this.classLoader = classLoader;
  }

  @Override
  public String[] selectImports(AnnotationMetadata importing) {
    List<String> names =
        ImportCandidates.load(DivanApplication.class, classLoader).getCandidates();
    return names.toArray(String[]::new);
  }
}
