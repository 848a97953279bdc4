package io.divan.document;

import io.divan.document.rows.Tables;
import io.divan.json.Utf8;
import io.divan.storage.tuple.TupleWriter;

/** The rules for document ids, with CouchDB's errors. */
public final class DocumentIds {

  /** The longest tuple encoding of an id, in bytes: it keeps keys within their limit. */
  public static final int ENCODED_BYTES_MAX = Tables.ID_BYTES_MAX;

  /** The prefix of the ids of design documents. */
  public static final String DESIGN_PREFIX = "_design/";

  /** The prefix of the ids of local documents. */
  public static final String LOCAL_PREFIX = "_local/";

  private DocumentIds() {}

  /**
   * Checks an id.
   *
   * @return the same id
   * @throws DocumentException.BadRequest when it is not legal
   */
  public static String check(String id) {
    if (id.isEmpty()) {
      throw illegal("Document id must not be empty");
    }
    if (id.charAt(0) == '_' && !isDesign(id) && !isLocal(id)) {
      throw illegal(
          id.equals(DESIGN_PREFIX) || id.equals(LOCAL_PREFIX)
              ? "Illegal document id `" + id + "`"
              : "Only reserved document ids may start with underscore.");
    }
    if (!Utf8.isWellFormed(id)) {
      throw illegal("Document id must be valid UTF-8");
    }
    // Encode only where non-ASCII characters could make the id too long.
    if (id.length() > ENCODED_BYTES_MAX
        || id.length() * 3 > ENCODED_BYTES_MAX - 2
            && new TupleWriter().add(id).toBytes().length > ENCODED_BYTES_MAX) {
      throw tooLong();
    }
    return id;
  }

  /** Whether a document with a revision tree can have this id. */
  static boolean isStorable(String id) {
    try {
      return !isLocal(check(id));
    } catch (DocumentException e) {
      return false;
    }
  }

  /** Whether this is the id of a design document. */
  public static boolean isDesign(String id) {
    return id.length() > DESIGN_PREFIX.length() && id.startsWith(DESIGN_PREFIX);
  }

  /** Whether this is the id of a local document. */
  public static boolean isLocal(String id) {
    return id.length() > LOCAL_PREFIX.length() && id.startsWith(LOCAL_PREFIX);
  }

  /** The error for an id that is too long. */
  static DocumentException tooLong() {
    return illegal("Document id is too long");
  }

  /** The error for an illegal id. */
  public static DocumentException illegal(String reason) {
    return new DocumentException.BadRequest("illegal_docid", reason);
  }
}
