package io.divan.chart;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Compares objects with the types of Kubernetes, the Gateway API and the Prometheus operator: every
 * field must exist and have a value of its type. Nothing is converted: a number where a text
 * belongs is a mistake, as it is for Kubernetes.
 */
final class ManifestTypes {
  private static final Map<String, Class<?>> TYPES =
      Map.ofEntries(
          Map.entry("v1 ConfigMap", ConfigMap.class),
          Map.entry("v1 Pod", Pod.class),
          Map.entry("v1 Secret", Secret.class),
          Map.entry("v1 Service", Service.class),
          Map.entry("v1 ServiceAccount", ServiceAccount.class),
          Map.entry("apps/v1 Deployment", Deployment.class),
          Map.entry("apps/v1 StatefulSet", StatefulSet.class),
          Map.entry("autoscaling/v2 HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
          Map.entry("gateway.networking.k8s.io/v1 HTTPRoute", HTTPRoute.class),
          Map.entry("monitoring.coreos.com/v1 PodMonitor", PodMonitor.class),
          Map.entry("monitoring.coreos.com/v1 PrometheusRule", PrometheusRule.class),
          Map.entry("monitoring.coreos.com/v1 ServiceMonitor", ServiceMonitor.class),
          Map.entry("networking.k8s.io/v1 Ingress", Ingress.class),
          Map.entry("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class),
          Map.entry("policy/v1 PodDisruptionBudget", PodDisruptionBudget.class));

  private static final Pattern QUANTITY =
      Pattern.compile("[+-]?(\\d+|\\d+\\.\\d*|\\.\\d+)([KMGTPE]i|[munkMGTPE]|[eE][+-]?\\d+)?");

  private final List<String> problems = new ArrayList<>();

  private ManifestTypes() {}

  /** What is wrong with an object; empty if nothing is. */
  static List<String> problems(Manifest manifest) {
    ManifestTypes types = new ManifestTypes();
    String name = manifest.text("apiVersion") + " " + manifest.kind();
    Class<?> type = TYPES.get(name);
    if (type == null) {
      return List.of("The type " + name + " is unknown");
    }
    types.check(manifest.value(), type, manifest.kind() + " " + manifest.name());
    return types.problems;
  }

  private void check(Object value, Type type, String path) {
    if (value == null) {
      problems.add(path + " is empty");
    } else if (type instanceof ParameterizedType generic) {
      checkGeneric(value, generic, path);
    } else if (type == Quantity.class) {
      demand(QUANTITY.matcher(value.toString()).matches(), value, "a quantity", path);
    } else if (type == IntOrString.class) {
      demand(value instanceof Integer || value instanceof String, value, "int or string", path);
    } else if (type == Integer.class || type == Long.class) {
      demand(value instanceof Integer || value instanceof Long, value, "an integer", path);
    } else if (type == Double.class || type == Float.class) {
      demand(value instanceof Number, value, "a number", path);
    } else if (type == String.class || type == Boolean.class) {
      demand(((Class<?>) type).isInstance(value), value, type.getTypeName(), path);
    } else if (type instanceof Class<?> bean && bean != Object.class) {
      checkBean(value, bean, path);
    } else {
      problems.add(path + " has the type " + type.getTypeName() + ", which nothing is known of");
    }
  }

  private void checkGeneric(Object value, ParameterizedType type, String path) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == List.class && value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        check(list.get(i), arguments[0], path + "[" + i + "]");
      }
    } else if (type.getRawType() == Map.class && value instanceof Map<?, ?> map) {
      map.forEach((key, element) -> check(element, arguments[1], path + "." + key));
    } else {
      demand(false, value, type.getTypeName(), path);
    }
  }

  private void checkBean(Object value, Class<?> bean, String path) {
    Map<String, Type> properties = properties(bean);
    if (bean.isEnum() || properties.isEmpty()) {
      problems.add(path + " has the type " + bean.getName() + ", which nothing is known of");
    } else if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, element) -> {
            Type type = properties.get(key.toString());
            if (type == null) {
              problems.add(path + "." + key + " is unknown");
            } else {
              check(element, type, path + "." + key);
            }
          });
    } else {
      demand(false, value, bean.getSimpleName(), path);
    }
  }

  private static Map<String, Type> properties(Class<?> bean) {
    Map<String, Type> properties = new HashMap<>();
    for (Class<?> type = bean; type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        Arrays.stream(field.getAnnotationsByType(JsonProperty.class))
            .forEach(property -> properties.put(property.value(), field.getGenericType()));
      }
    }
    return properties;
  }

  private void demand(boolean condition, Object value, String type, String path) {
    if (!condition) {
      problems.add(path + " is " + value + ", not " + type);
    }
  }
}
