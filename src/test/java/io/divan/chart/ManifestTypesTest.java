package io.divan.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestTypesTest {

  private static List<String> problems(String spec) {
    String service = "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: " + spec + "}";
    return ManifestTypes.problems(Chart.manifests(service).getFirst());
  }

  @Test
  void problems_validObject_areNone() {
    assertThat(problems(
        "{type: NodePort, ports: [{port: 80, targetPort: http}], selector: {a: b}}"))
        .isEmpty();
  }

  @Test
  void problems_unknownFieldOrWrongType_nameThePath() {
    assertThat(problems("{kind: ClusterIP}")).containsExactly("Service s.spec.kind is unknown");
    assertThat(problems("{ports: [{port: '80'}]}"))
        .containsExactly("Service s.spec.ports[0].port is 80, not an integer");
    assertThat(problems("{selector: {a: 1}}"))
        .containsExactly("Service s.spec.selector.a is 1, not java.lang.String");
    assertThat(problems("{ports: {port: 80}}")).hasSize(1);
    assertThat(problems("{selector: }")).containsExactly("Service s.spec.selector is empty");
  }

  @Test
  void problems_unknownType_nameIt() {
    assertThat(ManifestTypes.problems(Chart.manifests("{apiVersion: v2, kind: Pod}").getFirst()))
        .containsExactly("The type v2 Pod is unknown");
  }
}
