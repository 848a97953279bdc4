package io.divan.storage;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The failures of storage. An adapter translates its engine's errors into these. */
public abstract sealed class StorageException extends RuntimeException {

  private StorageException(String message) {
    super(message);
  }

  private StorageException(@Nullable String message, Throwable cause) {
    super(message, cause);
  }

  /** Returns the message, or the name of the class for a failure that brought none. */
  @Override
  public String getMessage() {
    return Objects.requireNonNullElse(super.getMessage(), getClass().getSimpleName());
  }

  /** There is a database of that name. */
  public static final class DatabaseExists extends StorageException {
    public DatabaseExists(String name) {
      super("Database exists: " + name);
    }
  }

  /** There is no database of that name, or the handle's incarnation of it is gone. */
  public static final class DatabaseNotFound extends StorageException {
    public DatabaseNotFound(String name) {
      super("Database does not exist: " + name);
    }
  }

  /** Other transactions got in the way more often than the limits on retries allow. */
  public static final class Conflict extends StorageException {
    public Conflict(int attempts) {
      super("A transaction conflicted with others " + attempts + " times");
    }
  }

  /** Something is larger than {@link Limits} allow. */
  public static final class LimitExceeded extends StorageException {
    private final Limits.Limit limit;
    private final long actual;

    public LimitExceeded(Limits.Limit limit, long actual) {
      super(limit.text() + " is at most " + limit.max() + " bytes, not " + actual);
      this.limit = limit;
      this.actual = actual;
    }

    /** Which limit. */
    public Limits.Limit limit() {
      return limit;
    }

    /** The size that was too large, in bytes. */
    public long actual() {
      return actual;
    }
  }

  /** A snapshot was kept longer than the engine keeps it readable. */
  public static final class SnapshotTooOld extends StorageException {
    public SnapshotTooOld(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** No space is left; nothing of the transaction was written. */
  public static final class StoreFull extends StorageException {
    public StoreFull(@Nullable String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The store cannot serve now; a later attempt may succeed. */
  public static final class StoreUnavailable extends StorageException {
    public StoreUnavailable(String message) {
      super(message);
    }

    public StoreUnavailable(@Nullable String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The store cannot serve until an operator changes something; trying again does not help. */
  public static final class StoreUnusable extends StorageException {
    private final String reason;

    /** Reports a problem in words that clients may see. */
    public StoreUnusable(String reason) {
      this(reason, reason);
    }

    /**
     * Reports a problem.
     *
     * @param message what is wrong, with which file, and what to do; for the operator
     * @param reason the same without file names; for clients
     */
    public StoreUnusable(String message, String reason) {
      super(message);
      this.reason = reason;
    }

    /** Reports a problem as the other constructor does, with its cause. */
    public StoreUnusable(@Nullable String message, String reason, Throwable cause) {
      super(message, cause);
      this.reason = reason;
    }

    /** What is wrong and what to do, without names of files. */
    public String reason() {
      return reason;
    }
  }

  /** Data on disk is not what was written. */
  public static final class StoreCorrupt extends StorageException {
    private final String file;

    /**
     * Names where the damage is.
     *
     * @param file the damaged file
     * @param message what is wrong with it, and the page where that is known
     */
    public StoreCorrupt(String file, @Nullable String message, Throwable cause) {
      super(file + ": " + message, cause);
      this.file = file;
    }

    /** The damaged file. */
    public String file() {
      return file;
    }
  }
}
