package io.divan.query.selector;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A text file of documents and of selectors with the ids they match:
 *
 * <pre>
 * # a comment
 * doc ID JSON
 * SELECTOR -> ID ID
 * SELECTOR !! the error message
 *   CouchDB: -> ID
 *   because: why CouchDB's result differs
 * </pre>
 *
 * @param documents the documents by id
 */
public record SelectorCases(Map<String, String> documents, List<Case> cases) {
  private static final Path FILE =
      Path.of("src", "test", "resources", "selectors", "cases.txt");

  /**
   * One selector.
   *
   * @param ours {@code -> } and the ordered ids, or {@code !! } and the error message
   * @param couchDb CouchDB's result, if it differs
   */
  public record Case(String selector, String ours, Optional<String> couchDb) {}

  public static SelectorCases read() {
    try {
      return parse(Files.readAllLines(FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SelectorCases parse(List<String> lines) {
    Map<String, String> documents = new LinkedHashMap<>();
    List<Case> cases = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith("doc ")) {
        String[] parts = line.split(" ", 3);
        documents.put(parts[1], parts[2]);
      } else if (line.startsWith("  CouchDB: ")) {
        Case last = cases.removeLast();
        cases.add(
            new Case(last.selector(), last.ours(), Optional.of(line.substring(11).strip())));
      } else if (!line.isBlank() && !line.startsWith("#") && !line.startsWith("  because: ")) {
        int at = Math.max(line.lastIndexOf(" -> "), line.lastIndexOf(" !! "));
        cases.add(
            new Case(
                line.substring(0, at), line.substring(at + 1).strip(), Optional.empty()));
      }
    }
    return new SelectorCases(documents, cases);
  }
}
