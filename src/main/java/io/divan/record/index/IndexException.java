package io.divan.record.index;

/** The failures of the engine that are not failures of the storage. */
public abstract sealed class IndexException extends RuntimeException {

  private final String text;

  private IndexException(String message) {
    super(message);
    this.text = message;
  }

  /** What happened, as a sentence. */
  @Override
  public String getMessage() {
    return text;
  }

  /** Two things contribute the same row to a unique index. */
  public static final class NotUnique extends IndexException {
    private final int number;
    private final byte[] key;
    private final byte[] owner;

    NotUnique(int number, byte[] key, byte[] owner) {
      super("Another owner has the same key in unique index " + number);
      this.number = number;
      this.key = key;
      this.owner = owner;
    }

    /** The index's number. */
    public int number() {
      return number;
    }

    /** The key, without the prefix of the index. */
    public byte[] key() {
      return key.clone();
    }

    /** The primary key of the thing that has the row. */
    public byte[] owner() {
      return owner.clone();
    }
  }

  /** A thing cannot be in an index. A source throws it, and the build of the index fails. */
  public static final class NotIndexable extends IndexException {
    public NotIndexable(String message) {
      super(message);
    }
  }

  /** A continuation is damaged, of another query, or of a newer version. */
  public static final class BadContinuation extends IndexException {
    public BadContinuation(String message) {
      super(message);
    }
  }
}
