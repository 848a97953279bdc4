package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The lock of a directory of databases, {@code divan.lock}. One process holds it, and within that
 * process one adapter for each kind of file, so that databases can be copied from one kind to
 * another in the same directory. Safe for use by many threads.
 */
final class DirectoryLock implements AutoCloseable {
  private static final Map<Path, Held> HELD = new HashMap<>();

  private record Held(FileChannel channel, Set<String> users) {}

  private final Path directory;
  private final String kind;

  private DirectoryLock(Path directory, String kind) {
    this.directory = directory;
    this.kind = kind;
  }

  /**
   * Takes the lock. Creates the directory if it does not exist.
   *
   * @param kind the kind of files, which is their extension
   * @throws StorageException.StoreUnavailable if the lock is taken, or the directory is unusable
   */
  static DirectoryLock take(Path directory, String kind) {
    synchronized (HELD) {
      try {
        Files.createDirectories(directory);
        Path real = directory.toRealPath();
        Held held = HELD.get(real);
        if (held == null) {
          held = new Held(lock(real), new HashSet<>());
          HELD.put(real, held);
        }
        if (!held.users.add(kind)) {
          throw inUse(directory);
        }
        return new DirectoryLock(real, kind);
      } catch (OverlappingFileLockException e) {
        throw inUse(directory);
      } catch (IOException e) {
        throw new StorageException.StoreUnavailable(
            directory + " cannot be used: " + reason(e), e);
      }
    }
  }

  private static FileChannel lock(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("divan.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      FileLock lock = channel.tryLock();
      locked = lock != null;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw inUse(directory);
    }
    return channel;
  }

  private static StorageException inUse(Path directory) {
    return new StorageException.StoreUnavailable(
        "Another process uses " + directory + ": stop it, or configure another directory");
  }

  /** Explains the failure. Java's own message is often the file's name alone. */
  private static String reason(IOException failure) {
    return switch (failure) {
      case FileAlreadyExistsException e -> e.getFile() + " is not a directory";
      case AccessDeniedException e -> "access to " + e.getFile() + " is denied";
      case FileSystemException e when e.getReason() != null -> e.getFile() + ": " + e.getReason();
      default -> failure.toString();
    };
  }

  /** Releases the lock. */
  @Override
  public void close() {
    synchronized (HELD) {
      Held held = HELD.get(directory);
      if (held != null && held.users.remove(kind) && held.users.isEmpty()) {
        HELD.remove(directory);
        try {
          held.channel.close();
        } catch (IOException e) {
          throw new StorageException.StoreUnavailable(directory + ": " + e, e);
        }
      }
    }
  }
}
