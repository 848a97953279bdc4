package io.divan.query.find;

import io.divan.json.CollatedKeys;
import io.divan.query.plan.QueryException;
import io.divan.record.index.Continuation;
import io.divan.record.index.IndexException;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * A position after a result. It does not depend on the row: after an edit or a deletion of the
 * document, a query still continues at the same place.
 *
 * @param id the document
 * @param columns the encoded columns of the row; empty for {@code _all_docs}
 */
record Bookmark(String id, byte[] columns) {
  private static final byte[] FINGERPRINT = "_find\0\0\0".getBytes(StandardCharsets.US_ASCII);

  /** A position in {@code _all_docs}. */
  static Bookmark ofDocument(String id) {
    return new Bookmark(id, new byte[0]);
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
      Bookmark bookmark = new Bookmark(state.nextString(), state.nextBytes());
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
    TupleWriter state = new TupleWriter().add(id).add(columns).add(CollatedKeys.version());
    byte[] bytes =
        Continuation.write(Continuation.KEYS, FINGERPRINT, Continuation.key(state.toBytes()));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bookmark bookmark
        && id.equals(bookmark.id)
        && Arrays.equals(columns, bookmark.columns);
  }

  @Override
  public int hashCode() {
    return 31 * id.hashCode() + Arrays.hashCode(columns);
  }
}
