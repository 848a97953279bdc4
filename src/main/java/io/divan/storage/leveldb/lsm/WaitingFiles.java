package io.divan.storage.leveldb.lsm;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Chunks of files that no other file names yet. They wait for the transaction that writes the name.
 * Not thread-safe.
 */
final class WaitingFiles {

  /**
   * The waiting part of a file.
   *
   * @param file the file as it will be after that transaction
   * @param chunks the chunks by number; the map is not changed
   */
  record Waiting(FileRow file, Map<Long, byte[]> chunks) {}

  private final Map<String, Waiting> files = new LinkedHashMap<>();

  /** Adds chunks of a file, which replaces another file of that name. */
  void add(String name, FileRow file, Map<Long, byte[]> chunks) {
    Map<Long, byte[]> all = new HashMap<>(chunks(name, file));
    all.putAll(chunks);
    files.put(name, new Waiting(file, all));
  }

  void remove(String name) {
    files.remove(name);
  }

  /** Returns the waiting files by name. */
  Map<String, Waiting> all() {
    return new LinkedHashMap<>(files);
  }

  /** Removes the files that were written, unless they have changed since {@link #all}. */
  void written(Map<String, Waiting> all) {
    files.entrySet().removeIf(entry -> all.get(entry.getKey()) == entry.getValue());
  }

  /** Returns the waiting chunks of a file. */
  Map<Long, byte[]> chunks(String name, FileRow file) {
    Waiting found = files.get(name);
    return found != null && found.file().isSameFile(file) ? found.chunks() : Map.of();
  }

  /** Returns the number of waiting chunks. */
  int chunks() {
    return files.values().stream().mapToInt(file -> file.chunks().size()).sum();
  }

  boolean isEmpty() {
    return files.isEmpty();
  }
}
