package io.divan.storage.leveldb.lsm;

import java.util.ArrayList;
import java.util.List;
import org.iq80.leveldb.env.File;
import org.jspecify.annotations.Nullable;

/** A path in a {@link StoreEnv}: a directory or a file. */
record StoreFile(StoreEnv env, String path) implements File {

  @Override
  public File child(String other) {
    return new StoreFile(env, path + "/" + other);
  }

  @Override
  public boolean mkdirs() {
    return env.makeDirectory(path);
  }

  @Override
  public String getName() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Override
  public @Nullable File getParentFile() {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? null : new StoreFile(env, path.substring(0, slash));
  }

  /** Returns the directory that contains the file. */
  String directory() {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  @Override
  public String getPath() {
    return path;
  }

  @Override
  public boolean canRead() {
    return exists();
  }

  @Override
  public boolean exists() {
    return isFile() || isDirectory();
  }

  @Override
  public boolean isDirectory() {
    return env.isDirectory(path);
  }

  @Override
  public boolean isFile() {
    return env.isFile(this);
  }

  @Override
  public long length() {
    return env.length(this);
  }

  @Override
  public boolean delete() {
    return env.delete(this);
  }

  @Override
  public List<File> listFiles() {
    List<File> files = new ArrayList<>();
    for (String name : env.names(path)) {
      files.add(child(name));
    }
    return files;
  }

  @Override
  public boolean renameTo(File dest) {
    return env.rename(this, (StoreFile) dest);
  }

  /** Deletes the files of a directory. Locks the directory meanwhile if it is not locked. */
  @Override
  public boolean deleteRecursively() {
    return env.deleteFiles(this) && (delete() || !exists());
  }

  @Override
  public String toString() {
    return path;
  }
}
