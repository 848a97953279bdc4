package io.divan.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An object of Kubernetes, or a part of one, as it was read from YAML. */
record Manifest(Object value) {

  String kind() {
    return text("kind");
  }

  String name() {
    return text("metadata.name");
  }

  /** The value at a path of keys that dots separate. */
  Optional<Object> find(String path) {
    Object at = value;
    for (String key : path.split("\\.")) {
      at = at instanceof Map<?, ?> map ? map.get(key) : null;
    }
    return Optional.ofNullable(at);
  }

  Manifest at(String path) {
    return new Manifest(find(path).orElse(null));
  }

  String text(String path) {
    return find(path).map(Object::toString).orElse("");
  }

  /** The elements of a list; none if there is no list. */
  List<Manifest> list(String path) {
    List<Manifest> elements = new ArrayList<>();
    if (find(path).orElse(null) instanceof List<?> list) {
      list.forEach(element -> elements.add(new Manifest(element)));
    }
    return elements;
  }

  @SuppressWarnings("unchecked")
  Map<String, Object> map(String path) {
    return (Map<String, Object>) find(path).orElse(Map.of());
  }

  /** The template of the pods, if this is a StatefulSet or a Deployment, or a pod itself. */
  Optional<Manifest> pod() {
    return switch (kind()) {
      case "StatefulSet", "Deployment" -> Optional.of(at("spec.template"));
      case "Pod" -> Optional.of(this);
      default -> Optional.empty();
    };
  }

  /** Whether a selector of labels selects this object. */
  boolean isSelectedBy(Map<String, Object> selector) {
    return !selector.isEmpty() && map("metadata.labels").entrySet().containsAll(selector
        .entrySet());
  }
}
