package io.divan.query.selector;

import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The paths that a selector reads, as a tree of names. Immutable. */
final class WantedPaths {
  private final Node root;
  private final int count;

  /**
   * A name on a path.
   *
   * @param slot the slot of the path that ends here
   * @param children the next names
   */
  record Node(OptionalInt slot, List<Child> children) {

    /** Stores one result for all longer paths. */
    void fillBelow(FieldPath.Found[] results, FieldPath.Found result) {
      for (Child child : children) {
        child.node().slot().ifPresent(slot -> results[slot] = result);
        child.node().fillBelow(results, result);
      }
    }

    /** Stores the results of this path and of all longer ones. */
    void fill(FieldPath.Found[] results, JsonValue value) {
      slot.ifPresent(index -> results[index] = new FieldPath.Found.Value(value));
      for (Child child : children) {
        FieldPath.Found found = child.path().find(value);
        if (found instanceof FieldPath.Found.Value(JsonValue inner)) {
          child.node().fill(results, inner);
        } else {
          child.node().slot().ifPresent(index -> results[index] = found);
          child.node().fillBelow(results, found);
        }
      }
    }
  }

  /**
   * A member or an element.
   *
   * @param path its name
   * @param json its name as JSON in canonical form, with quotation marks
   */
  record Child(FieldPath path, byte[] json, Node node) {
    boolean isAt(byte[] document, int from, int to) {
      return Arrays.equals(json, 0, json.length, document, from, to);
    }
  }

  private WantedPaths(Node root, int count) {
    this.root = root;
    this.count = count;
  }

  /** Builds the tree of paths; the index of a path, the first of equal ones, is its slot. */
  static WantedPaths of(List<FieldPath> paths) {
    return new WantedPaths(node(paths, 0, allSlots(paths.size())), paths.size());
  }

  private static List<Integer> allSlots(int count) {
    List<Integer> slots = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      slots.add(i);
    }
    return slots;
  }

  private static Node node(List<FieldPath> paths, int depth, List<Integer> slots) {
    OptionalInt own = OptionalInt.empty();
    Map<String, List<Integer>> longer = new LinkedHashMap<>();
    for (int slot : slots) {
      List<String> names = paths.get(slot).names();
      if (names.size() == depth) {
        own = own.isPresent() ? own : OptionalInt.of(slot);
      } else {
        longer.computeIfAbsent(names.get(depth), name -> new ArrayList<>()).add(slot);
      }
    }
    List<Child> children = new ArrayList<>();
    longer.forEach(
        (name, below) -> children.add(
            new Child(
                new FieldPath(List.of(name)),
                new JsonBuffer().string(name).toBytes(),
                node(paths, depth + 1, below))));
    return new Node(own, List.copyOf(children));
  }

  Node root() {
    return root;
  }

  int count() {
    return count;
  }
}
