package io.divan.redb;

/** An error of a database. */
public abstract sealed class RedbException extends RuntimeException {

  private RedbException(String message) {
    super(message);
  }

  private RedbException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The file is damaged. The message names the file, the page and the table. */
  public static final class Corrupted extends RedbException {
    public Corrupted(String message) {
      super(message);
    }
  }

  /** Another process, or another handle in this process, has the file open. */
  public static final class InUse extends RedbException {
    public InUse(String message) {
      super(message);
    }
  }

  /** The file has a format or a feature that is not supported. The message says what to do. */
  public static final class Unsupported extends RedbException {
    public Unsupported(String message) {
      super(message);
    }
  }

  /** The disk is full. Only the current transaction fails. */
  public static final class Full extends RedbException {
    public Full(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * A read, write or sync failed. After a failed write or sync the state of the disk is unknown, so
   * every operation fails until the database is reopened.
   */
  public static final class Failed extends RedbException {
    public Failed(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** A table does not exist, has different types, or does not support the operation. */
  public static final class TableError extends RedbException {
    public TableError(String message) {
      super(message);
    }
  }
}
