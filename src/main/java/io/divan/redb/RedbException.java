package io.divan.redb;

/** What a database fails with. */
public abstract sealed class RedbException extends RuntimeException {

  private RedbException(String message) {
    super(message);
  }

  private RedbException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The file does not hold what was written; the message names the file, the page, the table. */
  public static final class Corrupted extends RedbException {
    public Corrupted(String message) {
      super(message);
    }
  }

  /** Another process, or another handle in this one, has the file open. */
  public static final class InUse extends RedbException {
    public InUse(String message) {
      super(message);
    }
  }

  /** The file is none that this engine reads or writes; says what to do. */
  public static final class Unsupported extends RedbException {
    public Unsupported(String message) {
      super(message);
    }
  }

  /** There is no space to extend the file; only this transaction is over. */
  public static final class Full extends RedbException {
    public Full(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Reading, writing or syncing failed. After a failed write or sync everything is refused until
   * the database is opened again: what is on disk is not known.
   */
  public static final class Failed extends RedbException {
    public Failed(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** A table is missing, has other types, or is used in a way that it cannot be. */
  public static final class Table extends RedbException {
    public Table(String message) {
      super(message);
    }
  }
}
