package io.divan.document.rows;

import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.tuple.TupleWriter;
import java.util.Arrays;
import java.util.List;

/**
 * The tables of a database and the keys of their rows. The codes of tables follow CouchDB's commit
 * "Initial fabric2 implementation on FoundationDB"; the names follow RouchDB's "Storage Layer"
 * where it has the same table. Codes 25 to 28 and, for a cluster, 3, 53 and 54 belonged to fabric2
 * and are never used. Keys are tuples:
 *
 * <pre>
 * format      ("database")                          4 bytes, big-endian: {@link #FORMAT_NUMBER}
 *             ("minor")                             4 bytes, big-endian: {@link #FORMAT_MINOR};
 *                                                   missing if 0
 *             ("copying")                           empty; exists until a copy is complete
 * metadata    ("uuid"), ("created"), ("revs_limit"), ("purged_infos_limit")
 *                                                   a tuple of one element
 *             ("attachments")                       empty; exists since the first attachment
 *             ("security")                          canonical JSON
 *             ("sizes.old")                         empty; exists while that counter is right
 * stats       (counter)                             8 bytes, little-endian
 *             ("last_change")                       12 bytes: the highest key of changes and
 *                                                   purges
 *             ("last_change", "count")              a counter: the updates ever made; missing in
 *                                                   a database that only earlier versions wrote
 *             ("last_purge")                        12 bytes: the highest key of purges,
 *                                                   including removed ones
 *             ("last_purge", "count")               a counter: the purges ever made; missing as
 *                                                   above
 * all_docs    (docid)                               tuple (position, revision) of the winner;
 *                                                   only if that is not deleted
 * changes     (versionstamp)                        tuple (docid, position, revision, deleted)
 *                                                   of the winner, then the update's number,
 *                                                   which rows of earlier versions lack; one row
 *                                                   per document
 * docs        (docid, not deleted, position, revision)  one row per leaf, see {@link LeafRow};
 *                                                   the last row of a document is its winner
 * rev_data    (docid, position, revision, chunk)    the body, see {@link Bodies}
 * local_docs  (docid, chunk)                        see {@link LocalDocuments}
 * attachments                                       see {@link ContentRows}
 * indexes                                           the rows of indexes, see docs/queries.md
 * purges      (versionstamp)                        tuple (docid, then position and id of each
 *                                                   requested revision)
 * </pre>
 */
public final class Tables {
  public static final Table FORMAT = new Table(0, "format");
  public static final Table METADATA = new Table(16, "metadata");
  public static final Table STATS = new Table(17, "stats");
  public static final Table ALL_DOCS = new Table(18, "all_docs");
  public static final Table CHANGES = new Table(19, "changes");
  public static final Table DOCS = new Table(20, "docs");
  public static final Table REV_DATA = new Table(21, "rev_data");
  public static final Table LOCAL_DOCS = new Table(22, "local_docs");
  public static final Table ATTACHMENTS = new Table(23, "attachments");
  public static final Table INDEXES = new Table(24, "indexes");

  public static final Table PURGES = new Table(29, "purges");

  /** All tables, in the order of their numbers. */
  public static final List<Table> ALL =
      List.of(
          FORMAT,
          METADATA,
          STATS,
          ALL_DOCS,
          CHANGES,
          DOCS,
          REV_DATA,
          LOCAL_DOCS,
          ATTACHMENTS,
          INDEXES,
          PURGES);

  /** The greatest format that this version reads. A database with a greater one is refused. */
  public static final int FORMAT_NUMBER = 3;

  /** The format of a database that never had an index. Earlier versions read it, too. */
  public static final int FORMAT_WITH_ATTACHMENTS = 2;

  /** The format of a database that never had an index or an attachment. */
  public static final int FORMAT_WITHOUT_ATTACHMENTS = 1;

  /**
   * The minor format that this version writes. A database with a greater one has rows, or fields
   * at the end of rows, that this version ignores. All versions with the same {@link
   * #FORMAT_NUMBER} can use it at the same time.
   */
  public static final int FORMAT_MINOR = 0;

  public static final byte[] FORMAT_KEY = key("database");
  public static final byte[] FORMAT_MINOR_KEY = key("minor");
  public static final byte[] COPYING = key("copying");
  public static final byte[] UUID = key("uuid");
  public static final byte[] CREATED = key("created");
  public static final byte[] REVS_LIMIT = key("revs_limit");
  public static final byte[] PURGED_INFOS_LIMIT = key("purged_infos_limit");
  public static final byte[] SECURITY = key("security");

  /** Exists since the first attachment was stored. */
  public static final byte[] HAS_ATTACHMENTS = key("attachments");

  /** Exists while {@link #SIZE_OLD} is right. Earlier versions did not count it. */
  public static final byte[] OLD_BYTES_KNOWN = key("sizes.old");

  public static final byte[] DOC_COUNT = key("doc_count");
  public static final byte[] DOC_DEL_COUNT = key("doc_del_count");
  public static final byte[] DESIGN_COUNT = key("design_doc_count");
  public static final byte[] LOCAL_COUNT = key("local_doc_count");
  public static final byte[] SIZE_ACTIVE = key("sizes.active");
  public static final byte[] SIZE_EXTERNAL = key("sizes.external");

  /** The stored bytes of the bodies of non-leaf revisions. */
  public static final byte[] SIZE_OLD = key("sizes.old");

  static final byte[] PURGE_COUNT = key("purge_count");
  public static final byte[] LAST_PURGE = key("last_purge");
  public static final byte[] LAST_CHANGE = key("last_change");

  /** Sorts directly after {@link #LAST_CHANGE}, so that one scan reads both. */
  public static final byte[] UPDATE_COUNT = key("last_change", "count");

  /** The number of purges ever made. Sorts directly after {@link #LAST_PURGE}. */
  static final byte[] PURGES_EVER = key("last_purge", "count");

  /** The bytes before the stamp in a key of changes. */
  @SuppressWarnings("MutablePublicArray") // callers do not modify it, nor the keys above
  public static final byte[] CHANGE_PREFIX = {TupleWriter.VERSIONSTAMP};

  /**
   * The longest tuple encoding of a document's id, in bytes. It keeps keys within their size limit.
   */
  public static final int ID_BYTES_MAX = 2_048;

  private Tables() {}

  /**
   * Returns the key of an id or of a row's name. An id that is longer than any document's is cut,
   * because its key could exceed the limit of a key; every stored key compares with the cut key as
   * with the whole one.
   */
  public static byte[] key(String element) {
    byte[] key = new TupleWriter().add(element).toBytes();
    int bytesMax = ID_BYTES_MAX + 1;
    return key.length <= bytesMax ? key : Arrays.copyOf(key, bytesMax);
  }

  private static byte[] key(String element, String second) {
    return new TupleWriter().add(element).add(second).toBytes();
  }

  /** Returns the prefix of the keys of all ids that begin with a text. */
  public static byte[] textPrefix(String text) {
    byte[] key = key(text);
    return Arrays.copyOf(key, key.length - 1);
  }

  public static byte[] changeKey(Versionstamp sequence) {
    return new TupleWriter().add(sequence).toBytes();
  }

  public static byte[] leafKey(String id, Leaf leaf) {
    return new TupleWriter()
        .add(id)
        .add(!leaf.deleted())
        .add(leaf.path().position())
        .add(leaf.path().id(0))
        .toBytes();
  }

  public static Range leaves(String id) {
    return below(DOCS, key(id));
  }

  /**
   * Returns the range of keys that are this tuple or continue it. Other keys can begin with its
   * bytes, too: 0x00 in a string is encoded as 0x00 0xFF, so the bytes of {@code "a"} begin the
   * encoding of {@code "a\0b"}. No element begins with 0xFF.
   */
  static Range below(Table table, byte[] tuple) {
    byte[] end = Arrays.copyOf(tuple, tuple.length + 1);
    end[tuple.length] = (byte) 0xFF;
    return Range.of(table, tuple, end);
  }

  static byte[] bodyPrefix(String id, Revision revision) {
    return new TupleWriter().add(id).add(revision.position()).add(revision.id()).toBytes();
  }

  public static byte[] bodyKey(String id, Revision revision, int chunk) {
    return new TupleWriter()
        .add(id)
        .add(revision.position())
        .add(revision.id())
        .add(chunk)
        .toBytes();
  }

  public static Range body(String id, Revision revision) {
    return below(REV_DATA, bodyPrefix(id, revision));
  }

  /** Returns the range of all stored bodies of a document. */
  public static Range bodies(String id) {
    return below(REV_DATA, key(id));
  }

  public static Range bodiesBelow(String id, long position) {
    return Range.of(REV_DATA, key(id), new TupleWriter().add(id).add(position).toBytes());
  }
}
