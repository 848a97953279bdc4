package io.divan.storage.embedded;

import io.divan.storage.DatabaseNames;
import io.divan.storage.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of one kind in a directory of databases, for engines that have a file per database. The
 * kind is the extension of the files, EXT.
 *
 * <pre>
 *   system.EXT               the server's own store
 *   NAME~8 HEX.EXT           a database: one incarnation of it
 *   ....EXT.new              not created yet: removed at start
 *   ....EXT.deleted          deleted: removed at start
 *   divan.lock               see {@link DirectoryLock}
 * </pre>
 *
 * <p>A companion file of an engine, such as a log, has the database file's name and one more
 * ending. A database exists while a file has its name: a rename creates it, another one deletes it,
 * and a sync of the directory makes both durable.
 */
public final class StoreFiles implements AutoCloseable {

  private static final String SYSTEM = "system";
  private static final String NEW = ".new";
  private static final String DELETED = ".deleted";

  private final Path directory;
  private final String suffix;
  private final List<String> companions;
  private final Pattern database;
  private final Pattern leftover;
  private final Pattern companion;
  private final DirectoryLock lock;

  /**
   * Takes a directory. Creates it if it does not exist.
   *
   * @param extension the extension of the files, without a dot
   * @param companions the endings of the engine's companion files
   * @throws StorageException.StoreUnavailable if another process uses the directory, or it is
   *     unusable
   */
  public StoreFiles(Path directory, String extension, List<String> companions) {
    this.directory = directory.toAbsolutePath().normalize();
    this.suffix = "." + extension;
    this.companions = List.copyOf(companions);
    String any = companions.isEmpty() ? "" : "(" + String.join("|", companions) + ")";
    String ending = "\\." + extension;
    database = Pattern.compile("(.+)~[0-9a-f]{8}" + ending);
    leftover =
        Pattern.compile(".+" + ending + "\\.(new|deleted)" + (any.isEmpty() ? "" : any + "?"));
    companion = Pattern.compile("(.+" + ending + ")" + (any.isEmpty() ? "(?!)" : any));
    lock = DirectoryLock.take(this.directory, extension);
  }

  /** Removes leftovers of creations and deletions, and returns the database files by name. */
  Map<String, Path> sweepAndList() {
    Map<String, Path> files = new HashMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String fileName = entry.getFileName().toString();
        Matcher matcher = database.matcher(fileName);
        if (matcher.matches()) {
          String name = DatabaseNames.decode(matcher.group(1));
          Path other = files.put(name, entry);
          if (other != null) {
            throw new StorageException.StoreUnusable(
                entry + " and " + other + " are the same database: move one of them away",
                "The database " + name + " has two files: move one of them away");
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
    Matcher beside = companion.matcher(fileName);
    return leftover.matcher(fileName).matches()
        || beside.matches() && !Files.exists(directory.resolve(beside.group(1)));
  }

  /** The directory, absolute. */
  Path directory() {
    return directory;
  }

  /** The file of the system store. */
  public Path system() {
    return directory.resolve(SYSTEM + suffix);
  }

  /**
   * Finds a file that has a database's name and this extension, but was not created by Divan.
   */
  public Optional<Path> foreign(String name) {
    if (!DatabaseNames.isPossible(name)) {
      return Optional.empty();
    }
    Path file = directory.resolve(DatabaseNames.encode(name) + suffix);
    return Files.exists(file) && !file.equals(system()) ? Optional.of(file) : Optional.empty();
  }

  /**
   * Refuses a file that Divan did not create, or that has a newer format than this version knows.
   *
   * @param format the format number in the file, 0 if it has none
   * @param newest the newest known format
   */
  public static void requireFormat(Path file, long format, long newest) {
    if (format < 1) {
      throw new StorageException.StoreCorrupt(
          file.toString(), "This is not a Divan database", new IllegalStateException());
    }
    if (format > newest) {
      String problem =
          " has format " + format + ", this version of Divan knows formats up to " + newest
              + ": use the version that wrote it, or a newer one";
      throw new StorageException.StoreUnusable(file + problem, "The database's file" + problem);
    }
  }

  /** Returns an unused file name for a new incarnation of a database. */
  Path newFile(String name, RandomGenerator random) {
    String encoded = DatabaseNames.encode(name);
    Path file;
    do {
      String hex = HexFormat.of().toHexDigits(random.nextInt());
      file = directory.resolve(encoded + "~" + hex + suffix);
    } while (Files.exists(file));
    return file;
  }

  /** The temporary name of a file that is not yet {@link #publish}ed. */
  static Path draft(Path file) {
    return file.resolveSibling(file.getFileName() + NEW);
  }

  /** Syncs a finished draft and renames it to its file. */
  void publish(Path file) {
    Path draft = draft(file);
    try {
      try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
      syncDirectory();
    } catch (IOException e) {
      throw DiskErrors.of(file, e, 0);
    }
  }

  /** Removes a draft if it exists. */
  void discard(Path file) {
    try {
      removeAll(draft(file));
    } catch (IOException e) {
      // The next start removes it.
    }
  }

  /** Renames a file durably, then removes it. */
  void delete(Path file) {
    Path deleted = file.resolveSibling(file.getFileName() + DELETED);
    try {
      Files.move(file, deleted, StandardCopyOption.ATOMIC_MOVE);
      syncDirectory();
    } catch (IOException e) {
      throw DiskErrors.of(file, e, 0);
    }
    try {
      Files.deleteIfExists(deleted);
      removeAll(file);
    } catch (IOException e) {
      // The next start removes it.
    }
  }

  private void removeAll(Path file) throws IOException {
    Files.deleteIfExists(file);
    for (String ending : companions) {
      Files.deleteIfExists(file.resolveSibling(file.getFileName() + ending));
    }
  }

  private void syncDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Returns the length of a file, 0 if it does not exist. */
  public static long sizeOf(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new StorageException.StoreUnavailable(file + " cannot be read", e);
    }
  }

  /** Releases the directory. */
  @Override
  public void close() {
    lock.close();
  }
}
