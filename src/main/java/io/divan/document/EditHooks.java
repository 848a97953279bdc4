package io.divan.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rules and observers of all databases. They are fixed when the service starts; each chooses
 * the databases that concern it.
 *
 * @param rules rules in Java. They run inside the transaction: without I/O and in microseconds.
 * @param slowRules rules that may take long, such as scripts. They run before the transaction, on a
 *     snapshot. The transaction then checks that the configuration and the old documents are still
 *     those of the snapshot; otherwise the rules run again. Design documents are exempt, as in
 *     CouchDB.
 * @param observers receivers of changes
 * @param transforms replacements of edits before they are applied
 * @param readRules what principals see of documents
 */
public record EditHooks(
    List<EditRule.Source> rules,
    List<EditRule.Source> slowRules,
    List<EditObserver.Source> observers,
    List<EditTransform.Source> transforms,
    List<ReadRule.Source> readRules) {

  /** No rules and no observers. */
  public static final EditHooks NONE = new EditHooks(List.of(), List.of(), List.of());

  public EditHooks {
    rules = List.copyOf(rules);
    slowRules = List.copyOf(slowRules);
    observers = List.copyOf(observers);
    transforms = List.copyOf(transforms);
    readRules = List.copyOf(readRules);
  }

  /** Hooks without transformations and rules for readers. */
  public EditHooks(
      List<EditRule.Source> rules,
      List<EditRule.Source> slowRules,
      List<EditObserver.Source> observers) {
    this(rules, slowRules, observers, List.of(), List.of());
  }

  /** These hooks followed by others. */
  public EditHooks and(EditHooks others) {
    return new EditHooks(
        concat(rules, others.rules),
        concat(slowRules, others.slowRules),
        concat(observers, others.observers),
        concat(transforms, others.transforms),
        concat(readRules, others.readRules));
  }

  private static <T> List<T> concat(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /** The transformations that a database has, in their order. */
  List<EditTransform> transforms(String database) {
    return transforms.isEmpty()
        ? List.of()
        : transforms.stream()
            .map(source -> source.transform(database))
            .flatMap(Optional::stream)
            .toList();
  }

  /** The rule for readers that a database has: the first that is found. */
  Optional<ReadRule> readRule(String database) {
    return readRules.stream()
        .map(source -> source.rule(database))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** The rules among these that a database has. */
  static List<EditRule> choose(List<EditRule.Source> sources, EditContext context) {
    return sources.isEmpty()
        ? List.of()
        : sources.stream().map(source -> source.rule(context)).flatMap(Optional::stream).toList();
  }
}
