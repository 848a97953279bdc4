package io.divan.document;

import io.divan.document.rows.Tables;
import io.divan.json.Utf8;
import io.divan.storage.tuple.TupleWriter;

/** Which document ids are legal, in CouchDB's words. */
public final class DocumentIds {

  /** The longest tuple encoding of an id, in bytes, so that its keys stay within a key's limit. */
  public static final int ENCODED_BYTES_MAX = Tables.ID_BYTES_MAX;

  /** What the ids of design documents begin with. */
  public static final String DESIGN_PREFIX = "_design/";

  /** What the ids of local documents begin with. */
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
    // An id of 2,046 characters may be too long only where it has other than ASCII characters.
    if (id.length() > ENCODED_BYTES_MAX
        || id.length() * 3 > ENCODED_BYTES_MAX - 2
            && new TupleWriter().add(id).toBytes().length > ENCODED_BYTES_MAX) {
      throw illegal("Document id is too long");
    }
    return id;
  }

  /** Whether there can be a document of this id that has a revision tree. */
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

  /** An id that is not legal, for this reason. */
  public static DocumentException illegal(String reason) {
    return new DocumentException.BadRequest("illegal_docid", reason);
  }
}
