package io.divan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.mock.env.MockEnvironment;

/** The list of the classes that Spring manages. */
class ComponentImportsTest {
  private static final String FILE =
      "src/main/resources/META-INF/spring/" + DivanApplication.class.getName() + ".imports";

  /** Finds the classes that an application with a component scan would import. */
  private static final class Scan extends ClassPathScanningCandidateComponentProvider {
    Scan() {
      super(true);
      addExcludeFilter(new AnnotationTypeFilter(AutoConfiguration.class));
      // A component with a condition belongs in the list whether or not the condition holds.
      setEnvironment(new MockEnvironment().withProperty("divan.tracing.enabled", "true"));
    }

    @Override
    protected boolean isCandidateComponent(AnnotatedBeanDefinition definition) {
      AnnotationMetadata type = definition.getMetadata();
      return super.isCandidateComponent(definition)
          && isInService(type.getClassName())
          && !isManagementOnly(type);
    }

    private static boolean isInService(String type) {
      return classOf(type).getProtectionDomain().getCodeSource().getLocation()
          .equals(DivanApplication.class.getProtectionDomain().getCodeSource().getLocation());
    }

    /** {@code ManagementContextConfiguration.imports} lists those. */
    private static boolean isManagementOnly(AnnotationMetadata type) {
      return type.getAnnotationTypes().stream()
          .anyMatch(name -> name.endsWith(".ManagementContextConfiguration"));
    }

    private static Class<?> classOf(String name) {
      try {
        return Class.forName(name, false, DivanApplication.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void imports_namesEveryComponentInOrder() {
    List<String> found = new ArrayList<>();
    for (var definition : new Scan().findCandidateComponents("io.divan")) {
      found.add(String.valueOf(definition.getBeanClassName()));
    }
    found.remove(DivanApplication.class.getName());
    List<String> listed =
        ImportCandidates.load(DivanApplication.class, DivanApplication.class.getClassLoader())
            .getCandidates();
    List<String> missing = new ArrayList<>(found);
    missing.removeAll(listed);
    assertThat(missing).as("Spring ignores these components: add one line for each to %s", FILE)
        .isEmpty();
    assertThat(listed).as("Names of %s that are not components must be removed", FILE)
        .isSubsetOf(found);
    assertThat(listed).as("%s is in the order of the names", FILE).isSorted();
    assertThat(listed).doesNotHaveDuplicates();
  }
}
