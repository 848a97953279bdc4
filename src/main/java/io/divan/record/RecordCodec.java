package io.divan.record;

/** The encoding of the records of a type. Safe for use by many threads. */
public interface RecordCodec {

  /**
   * JSON: an object with a member for each field that is not null, in the order of the type's
   * fields. Bytes are {@code {"$bytes": base64}}; doubles that JSON lacks are {@code {"$double":
   * "NaN"}}, {@code "Infinity"} or {@code "-Infinity"}.
   */
  RecordCodec JSON = new JsonCodec();

  /** Returns the bytes of a record, all of whose fields belong to the type. */
  byte[] encode(RecordType type, Rec rec);

  /**
   * Returns the record of these bytes.
   *
   * @param type the type as it was when the record was written
   */
  Rec decode(RecordType type, byte[] bytes);
}
