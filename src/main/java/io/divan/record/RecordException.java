package io.divan.record;

/** The failures of records that are not failures of the storage. Messages are sentences. */
public abstract sealed class RecordException extends RuntimeException {

  private RecordException(String message) {
    super(message);
  }

  /** Another record has the same columns in a unique index. */
  public static final class NotUnique extends RecordException {
    private final String index;
    private final Key owner;

    public NotUnique(String index, Key owner) {
      super("Another record, " + owner + ", has the same key in unique index " + index);
      this.index = index;
      this.owner = owner;
    }

    /** The name of the index. */
    public String index() {
      return index;
    }

    /** The primary key of the other record. */
    public Key owner() {
      return owner;
    }
  }

  /** An inserted record exists already. */
  public static final class AlreadyExists extends RecordException {
    private final String type;
    private final Key key;

    public AlreadyExists(String type, Key key) {
      super("The record " + key + " of type " + type + " exists already");
      this.type = type;
      this.key = key;
    }

    /** The name of the type. */
    public String type() {
      return type;
    }

    /** The primary key. */
    public Key key() {
      return key;
    }
  }

  /** A record, a key or a query does not fit the schema. */
  public static final class Invalid extends RecordException {
    public Invalid(String message) {
      super(message);
    }
  }

  /** An array has too many elements for an index of its elements. */
  public static final class TooManyElements extends RecordException {
    public TooManyElements(String index, int elements, int max) {
      super(
          "The array has " + elements + " different elements; index " + index
              + " takes at most " + max);
    }
  }

  /** The records were written by a newer version of this library. */
  public static final class NewerFormat extends RecordException {
    public NewerFormat(int major, int supported) {
      super(
          "The records have format " + major + "; this version reads formats up to "
              + supported);
    }
  }

  /** The stored schema is newer than the one that the program opened. */
  public static final class NewerSchema extends RecordException {
    public NewerSchema(int stored, int opened) {
      super(
          "The stored schema has version " + stored + "; the program has version " + opened
              + ". Update the program");
    }
  }

  /** A change of the schema is not allowed. */
  public static final class SchemaRefused extends RecordException {
    public SchemaRefused(String message) {
      super(message);
    }
  }

  /** An index is not whole: it is being built, or could not be built. */
  public static final class IndexNotReady extends RecordException {
    public IndexNotReady(String message) {
      super(message);
    }
  }

  /** No index has the order of a query. */
  public static final class NoIndexForSort extends RecordException {
    public NoIndexForSort(String message) {
      super(message);
    }
  }

  /** A continuation is damaged, or belongs to another query. */
  public static final class BadContinuation extends RecordException {
    public BadContinuation(String message) {
      super(message);
    }
  }

  /** Stored bytes are not what this library writes. */
  public static final class Damaged extends RecordException {
    public Damaged(String message) {
      super(message);
    }
  }
}
