package io.divan.storage.leveldb.lsm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.iq80.leveldb.env.File;
import org.jspecify.annotations.Nullable;

/** A path in a {@link DirectoryEnv}. */
record DirectoryFile(DirectoryEnv env, Path path) implements File {

  @Override
  public File child(String other) {
    return new DirectoryFile(env, path.resolve(other));
  }

  @Override
  public boolean mkdirs() {
    try {
      boolean made = !Files.isDirectory(path);
      Files.createDirectories(path);
      return made;
    } catch (IOException e) {
      return false; // the port then checks whether it exists
    }
  }

  @Override
  public String getName() {
    return path.getFileName().toString();
  }

  @Override
  public @Nullable File getParentFile() {
    Path parent = path.getParent();
    return parent == null ? null : new DirectoryFile(env, parent);
  }

  @Override
  public String getPath() {
    return path.toString();
  }

  @Override
  public boolean canRead() {
    return Files.isReadable(path);
  }

  @Override
  public boolean exists() {
    return Files.exists(path);
  }

  @Override
  public boolean isDirectory() {
    return Files.isDirectory(path);
  }

  @Override
  public boolean isFile() {
    return Files.isRegularFile(path);
  }

  @Override
  public long length() {
    try {
      return Files.size(path);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the total length of the files in this directory. */
  long bytes() {
    long bytes = 0;
    for (File file : listFiles()) {
      bytes += file.length();
    }
    return bytes;
  }

  @Override
  public boolean delete() {
    try {
      return Files.deleteIfExists(path);
    } catch (IOException e) {
      return false; // the port deletes it again at the next opening
    }
  }

  @Override
  public List<File> listFiles() {
    try (Stream<Path> children = Files.list(path)) {
      List<File> files = new ArrayList<>();
      children.sorted().forEach(child -> files.add(new DirectoryFile(env, child)));
      return files;
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Renames atomically and durably. */
  @Override
  public boolean renameTo(File dest) {
    Path to = ((DirectoryFile) dest).path();
    try {
      Files.move(
          path, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(env.failed(to, e, 0));
    }
    env.syncDirectory(Objects.requireNonNull(to.toAbsolutePath().getParent()));
    return true;
  }

  @Override
  public boolean deleteRecursively() {
    boolean all = true;
    for (File file : listFiles()) {
      all &= file.isDirectory() ? file.deleteRecursively() : file.delete();
    }
    return delete() && all;
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
