package io.divan.operations;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The metrics and labels that an expression of Prometheus names. Every word that is no known
 * function or keyword counts as a metric, so that none is overlooked.
 *
 * @param selectors the metrics with the labels of their matchers
 * @param grouping the labels of {@code by}, {@code on} and their like
 * @param isGrouped whether the expression is aggregated by labels
 */
record Promql(List<Selector> selectors, Set<String> grouping, boolean isGrouped) {

  /** A metric with the labels of its matchers. */
  record Selector(String metric, Set<String> labels) {}

  private static final Pattern TOKEN =
      Pattern.compile(
          "\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|\\[[^\\]]*]|[0-9.]+(?:e[0-9]+)?[smhdwy]?"
              + "|[a-zA-Z_:][a-zA-Z0-9_:]*|\\S");
  private static final Set<String> LISTS =
      Set.of("by", "on", "without", "ignoring", "group_left", "group_right");
  private static final Set<String> KEYWORDS = Set.of("and", "or", "unless", "offset", "bool");
  private static final Set<String> FUNCTIONS =
      Set.of(
          "sum", "min", "max", "count", "avg", "rate", "increase", "changes",
          "histogram_quantile", "last_over_time");

  static Promql parse(String expression) {
    List<String> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(expression);
    while (matcher.find()) {
      tokens.add(matcher.group());
    }
    List<Selector> selectors = new ArrayList<>();
    Set<String> grouping = new TreeSet<>();
    boolean grouped = false;
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      if (!Character.isLetter(token.charAt(0)) && token.charAt(0) != '_') {
        continue;
      }
      if (LISTS.contains(token)) {
        grouped |= token.equals("by");
        int end = tokens.subList(i, tokens.size()).indexOf(")") + i;
        words(tokens.subList(i + 1, end), grouping);
        i = end;
      } else if (!FUNCTIONS.contains(token) && !KEYWORDS.contains(token)) {
        Set<String> labels = new TreeSet<>();
        if (i + 1 < tokens.size() && tokens.get(i + 1).equals("{")) {
          int end = tokens.subList(i, tokens.size()).indexOf("}") + i;
          words(tokens.subList(i + 2, end), labels);
          i = end;
        }
        selectors.add(new Selector(token, labels));
      }
    }
    return new Promql(selectors, grouping, grouped);
  }

  private static void words(List<String> tokens, Set<String> words) {
    tokens.stream().filter(token -> Character.isLetter(token.charAt(0))).forEach(words::add);
  }
}
