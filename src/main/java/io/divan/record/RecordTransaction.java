package io.divan.record;

/**
 * A serializable transaction over records and their indexes. It sees its own changes. Changes are
 * kept in memory and written together: before the commit, or before a read of an index. So failures
 * that depend on other records, {@link RecordException.NotUnique} and {@link
 * RecordException.AlreadyExists}, end the whole transaction.
 */
public interface RecordTransaction extends RecordReader {

  /**
   * Writes a record, in place of one with the same primary key. Reads nothing itself.
   *
   * @throws RecordException.Invalid if the record does not fit its type
   */
  void put(Rec rec);

  /**
   * Writes a record that must not exist. Reads nothing itself: {@link
   * RecordException.AlreadyExists} may come from a later call or from the commit.
   *
   * @throws RecordException.Invalid if the record does not fit its type
   */
  void insert(Rec rec);

  /**
   * Changes the schema: the rest of this transaction uses it. The store that the transaction was
   * begun with keeps the old schema, so its next transaction fails with {@link
   * RecordException.NewerSchema}; open the records again after the commit. Has no effect if the
   * schema is the stored one.
   *
   * @param schema the new schema, with a greater version
   * @throws RecordException.SchemaRefused if the parts of the schema do not fit together, or the
   *     change is not allowed
   */
  void evolve(Schema schema);

  /** Deletes a record, and returns whether it existed. */
  boolean delete(String type, Key key);
}
