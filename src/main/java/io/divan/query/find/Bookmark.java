package io.divan.query.find;

import io.divan.json.CollatedKeys;
import io.divan.query.plan.Plan;
import io.divan.query.plan.QueryException;
import io.divan.record.index.Continuation;
import io.divan.record.index.IndexException;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A position after a result. It does not depend on the row: after an edit or a deletion of the
 * document, a query still continues at the same place.
 *
 * @param id the document
 * @param columns the encoded columns of the row; empty for {@code _all_docs}
 * @param ordinal the number of the row among the rows with these columns if their order is not that
 *     of the keys; else 0
 */
record Bookmark(String id, byte[] columns, long ordinal) {
  private static final byte[] FINGERPRINT = "_find\0\0\0".getBytes(StandardCharsets.US_ASCII);

  /** A position in {@code _all_docs}. */
  static Bookmark ofDocument(String id) {
    return new Bookmark(id, new byte[0], 0);
  }

  /**
   * Reads the text of an answer.
   *
   * @throws QueryException if it is not a bookmark, or of another version of the collator
   */
  static Bookmark read(String text) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      TupleReader state = new TupleReader(Continuation.read(bytes, FINGERPRINT).key());
      Bookmark bookmark =
          new Bookmark(state.nextString(), state.nextBytes(), state.nextLong());
      if (bookmark.columns.length > 0 && !state.nextString().equals(CollatedKeys.version())) {
        throw invalid(text);
      }
      return bookmark;
    } catch (IllegalArgumentException | IndexException e) {
      throw invalid(text);
    }
  }

  private static QueryException invalid(String text) {
    return QueryException.badRequest(
        "invalid_bookmark", "Invalid bookmark value: \"" + text + '"');
  }

  /** The bookmark as an answer shows it. */
  String text() {
    TupleWriter state =
        new TupleWriter().add(id).add(columns).add(ordinal).add(CollatedKeys.version());
    byte[] bytes =
        Continuation.write(Continuation.KEYS, FINGERPRINT, Continuation.key(state.toBytes()));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Whether it may be a position in the index of a plan. */
  boolean fits(Plan plan) {
    boolean withoutColumns = plan.index().filter(index -> index.columns().isEmpty()).isPresent();
    return columns.length > 0 != (plan.isAllDocs() || withoutColumns);
  }
}
