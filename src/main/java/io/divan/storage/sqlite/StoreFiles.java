package io.divan.storage.sqlite;

import io.divan.storage.DatabaseNames;
import io.divan.storage.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of a directory of databases.
 *
 * <pre>
 *   system.sqlite                        the server's own store
 *   NAME~8 HEX.sqlite, -wal, -shm        a database: one incarnation of it, SQLite's log and index
 *   ....sqlite.new, -wal, -shm           not created yet: removed at start
 *   ....sqlite.deleted                   deleted: removed at start
 *   divan.lock                           locked by the process that uses the directory
 * </pre>
 *
 * <p>A database exists from the moment its file has its name until it has another one; both moments
 * are made durable by a sync of the directory.
 */
final class StoreFiles implements AutoCloseable {

  static final String SYSTEM = "system.sqlite";

  private static final String SUFFIX = ".sqlite";
  private static final String NEW = ".new";
  private static final String DELETED = ".deleted";
  private static final Pattern DATABASE = Pattern.compile("(.+)~[0-9a-f]{8}\\.sqlite");
  private static final Pattern LEFTOVER =
      Pattern.compile(".+\\.sqlite\\.(new|deleted)(-wal|-shm|-journal)?");
  private static final Pattern LOG = Pattern.compile("(.+\\.sqlite)-(wal|shm)");

  private final Path directory;
  private final FileChannel lockFile;

  /**
   * Takes a directory, making it where it is not there.
   *
   * @throws StorageException.StoreUnavailable when another process has it, or it cannot be used
   */
  StoreFiles(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
    if (this.directory.toString().contains("?")) {
      throw new StorageException.StoreUnavailable(
          "SQLite's driver takes no file names with a question mark: rename " + this.directory);
    }
    try {
      Files.createDirectories(this.directory);
      lockFile =
          FileChannel.open(
              this.directory.resolve("divan.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      if (!tryLock()) {
        lockFile.close();
        throw new StorageException.StoreUnavailable(
            "Another process uses " + this.directory + ": stop it, or configure another directory");
      }
    } catch (IOException e) {
      throw new StorageException.StoreUnavailable(
          this.directory + " cannot be used: " + reason(e), e);
    }
  }

  private boolean tryLock() throws IOException {
    try {
      FileLock lock = lockFile.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** What an operator needs to know; Java's own message is often the file's name alone. */
  private static String reason(IOException failure) {
    return switch (failure) {
      case FileAlreadyExistsException e -> e.getFile() + " is no directory";
      case AccessDeniedException e -> "access to " + e.getFile() + " is denied";
      case FileSystemException e when e.getReason() != null -> e.getFile() + ": " + e.getReason();
      default -> failure.toString();
    };
  }

  /** Removes what was left over, and answers the databases' files by name. */
  Map<String, Path> sweepAndList() {
    Map<String, Path> files = new HashMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String fileName = entry.getFileName().toString();
        Matcher database = DATABASE.matcher(fileName);
        if (database.matches()) {
          String name = DatabaseNames.decode(database.group(1));
          Path other = files.put(name, entry);
          if (other != null) {
            throw new StorageException.StoreUnavailable(
                entry + " and " + other + " are the same database: move one of them away");
          }
        } else if (isLeftover(fileName)) {
          Files.deleteIfExists(entry);
        }
      }
    } catch (IOException e) {
      throw new StorageException.StoreUnavailable(directory + " cannot be read: " + e, e);
    }
    return files;
  }

  private boolean isLeftover(String fileName) {
    Matcher log = LOG.matcher(fileName);
    return LEFTOVER.matcher(fileName).matches()
        || log.matches() && !Files.exists(directory.resolve(log.group(1)));
  }

  Path system() {
    return directory.resolve(SYSTEM);
  }

  /** The file of a new incarnation. */
  Path incarnation(String name, RandomGenerator random) {
    String encoded = DatabaseNames.encode(name);
    Path file;
    do {
      String hex = HexFormat.of().toHexDigits(random.nextInt());
      file = directory.resolve(encoded + "~" + hex + SUFFIX);
    } while (Files.exists(file));
    return file;
  }

  /** Where a file is made before it is {@link #publish}ed. */
  static Path draft(Path file) {
    return file.resolveSibling(file.getFileName() + NEW);
  }

  /** Gives a finished draft its name, durably. */
  void publish(Path file) {
    Path draft = draft(file);
    try {
      try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
      syncDirectory();
    } catch (IOException e) {
      throw unavailable(file, e);
    }
  }

  /** Removes a draft, as far as there is one. */
  void discard(Path file) {
    try {
      removeWithLog(draft(file));
    } catch (IOException e) {
      // The next start sweeps it.
    }
  }

  /** Takes a file's name, durably, then removes it. */
  void delete(Path file) {
    Path deleted = file.resolveSibling(file.getFileName() + DELETED);
    try {
      Files.move(file, deleted, StandardCopyOption.ATOMIC_MOVE);
      syncDirectory();
    } catch (IOException e) {
      throw unavailable(file, e);
    }
    try {
      Files.deleteIfExists(deleted);
      removeWithLog(file);
    } catch (IOException e) {
      // The next start sweeps it.
    }
  }

  private static void removeWithLog(Path file) throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-wal"));
    Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-shm"));
  }

  private void syncDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static StorageException unavailable(Path file, IOException e) {
    return new StorageException.StoreUnavailable(file + ": " + e, e);
  }

  /** Gives the directory up. */
  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      throw unavailable(directory, e);
    }
  }
}
