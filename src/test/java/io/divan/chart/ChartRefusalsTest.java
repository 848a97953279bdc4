package io.divan.chart;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chart refuses values that cannot work, and says what to do instead. */
class ChartRefusalsTest {

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
          replicas=2 | Set replicas to 1, or set backend to fdb
          backend=memory replicas=2 | Set replicas to 1, or set backend to fdb
          backend=mongo | value must be one of 'redb', 'sqlite', 'leveldb', 'fdb', 'memory'
          backend=sqlite autoscaling.enabled=true | Set autoscaling.enabled to false
          autoscaling.minReplicas=7 autoscaling.enabled=true FDB | Raise the latter
          autoscaling.targetCPUUtilizationPercentage=0 autoscaling.enabled=true FDB | a metric
          persistence.size= | Set persistence.size, such as to 10Gi
          persistence.size=10Go | Write a number and a unit, such as 10Gi
          tmp.sizeLimit=big | Write a number and a unit, such as 10Gi
          backend=fdb | Set fdb.clusterFile.configMap to the ConfigMap that holds it (NAME-config
          fdb.clusterFile.secret=s FDB | Leave one of them empty
          fdb.tls.enabled=true FDB | Set fdb.tls.secretName
          tls.enabled=true | Set tls.secretName to a Secret of type kubernetes.io/tls
          tls.clientAuth=need | Set tls.enabled to true, or tls.clientAuth to none
          admin.existingSecret=s | Leave one of them empty
          admin.name=Jan | use lower-case letters, digits and hyphens only
          image.digest=0123 | Write sha256: and 64 hexadecimal digits
          httpRoute.enabled=true | Set httpRoute.parentRefs
          ingress.enabled=true ingress.hosts=null | Set ingress.hosts
          metrics.serviceMonitor.enabled=true metrics.podMonitor.enabled=true | twice
          shutdown.drainSeconds=60 | It must exceed shutdown.drainSeconds (60) plus
          service.loadBalancerClass=a | Set service.type to LoadBalancer
          service.nodePort=30000 | Set service.type, or leave both empty
          config.server.port=1 | config sets server.port, which the chart sets itself
          config.divan\\.storage\\.backend=redb | Use backend instead
          config.divan.admins.jan=pear | Use admin.password
          replica=3 | additional properties 'replica' not allowed
          persistence.Size=1Gi | additional properties 'Size' not allowed
          service.port=0 | at '/service/port': minimum: got 0, want 1
          """)
  void render_valuesThatCannotWork_saysWhatToDo(String settings, String advice) {
    List<String> all = new ArrayList<>(List.of("admin.password=apple"));
    for (String setting : settings.split(" ")) {
      if (setting.equals("FDB")) {
        all.add("backend=fdb");
        all.add("fdb.clusterFile.configMap=cluster-config");
      } else {
        all.add(setting);
      }
    }

    assertThatThrownBy(() -> Chart.renderWith(all.toArray(String[]::new)))
        .hasMessageContaining(advice);
  }
}
