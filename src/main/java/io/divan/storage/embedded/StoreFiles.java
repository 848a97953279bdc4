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
 * The files of one kind in a directory of databases, for engines that have a file per database. EXT
 * is the kind: what names of files end with.
 *
 * <pre>
 *   system.EXT               the server's own store
 *   NAME~8 HEX.EXT           a database: one incarnation of it
 *   ....EXT.new              not created yet: removed at start
 *   ....EXT.deleted          deleted: removed at start
 *   divan.lock               see {@link DirectoryLock}
 * </pre>
 *
 * <p>What an engine keeps beside a file has that file's name and one of the companions' endings. A
 * database exists from the moment its file has its name until it has another one; both moments are
 * made durable by a sync of the directory.
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
   * Takes a directory, making it where it is not there.
   *
   * @param extension what names of files end with, without a dot
   * @param companions what is added to a file's name for what the engine keeps beside it
   * @throws StorageException.StoreUnavailable when another process has it, or it cannot be used
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

  /** Removes what was left over, and answers the databases' files by name. */
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

  /** The file of the server's own store. */
  public Path system() {
    return directory.resolve(SYSTEM + suffix);
  }

  /**
   * A file of this kind that has a database's name, but not as a database of ours has it: somebody
   * put it there.
   */
  public Optional<Path> foreign(String name) {
    if (!DatabaseNames.isPossible(name)) {
      return Optional.empty();
    }
    Path file = directory.resolve(DatabaseNames.encode(name) + suffix);
    return Files.exists(file) && !file.equals(system()) ? Optional.of(file) : Optional.empty();
  }

  /**
   * Refuses a file that is none of ours, or newer than this version.
   *
   * @param format what the file says of its format, 0 where it says nothing
   * @param newest the newest format known
   */
  public static void requireFormat(Path file, long format, long newest) {
    if (format < 1) {
      throw new StorageException.StoreCorrupt(
          file.toString(), "This is not a database of Divan", new IllegalStateException());
    }
    if (format > newest) {
      String problem =
          " has format " + format + ", this version of Divan knows formats up to " + newest
              + ": use the version that wrote it, or a newer one";
      throw new StorageException.StoreUnusable(file + problem, "The database's file" + problem);
    }
  }

  /** The file of a new incarnation. */
  Path incarnation(String name, RandomGenerator random) {
    String encoded = DatabaseNames.encode(name);
    Path file;
    do {
      String hex = HexFormat.of().toHexDigits(random.nextInt());
      file = directory.resolve(encoded + "~" + hex + suffix);
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
      throw DiskErrors.of(file, e, 0);
    }
  }

  /** Removes a draft, as far as there is one. */
  void discard(Path file) {
    try {
      removeAll(draft(file));
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
      throw DiskErrors.of(file, e, 0);
    }
    try {
      Files.deleteIfExists(deleted);
      removeAll(file);
    } catch (IOException e) {
      // The next start sweeps it.
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

  /** The length of a file; 0 where there is none. */
  public static long sizeOf(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new StorageException.StoreUnavailable(file + " cannot be read", e);
    }
  }

  /** Gives the directory up. */
  @Override
  public void close() {
    lock.close();
  }
}
