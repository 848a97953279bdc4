package io.divan.document;

import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Table;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import java.util.List;

/** Where the indexes of a database are stored. Documents are their things. */
public final class IndexStorage {

  private IndexStorage() {}

  /** Returns the table of a database's indexes. */
  public static Table table() {
    return Tables.INDEXES;
  }

  /** Returns the primary key of a document: the order of these keys is that of the ids. */
  public static byte[] key(String id) {
    return Tables.key(id);
  }

  /** Returns the id of a primary key. */
  public static String id(byte[] key) {
    return new TupleReader(key).nextString();
  }

  /**
   * Raises the format of a database that gets its first index. Versions that know no indexes refuse
   * it from then on.
   */
  public static void begin(WriteTransaction transaction) {
    Format.addIndexes(transaction);
  }

  /** Returns whether versions that know no indexes refuse the database. */
  public static boolean isMarked(ReadTransaction transaction) {
    return Format.hasIndexes(transaction);
  }

  /** Returns the number of documents that are not deleted, without conflicts. */
  public static long documents(ReadTransaction transaction) {
    return Stats.counters(transaction, List.of(Tables.DOC_COUNT))[0];
  }
}
