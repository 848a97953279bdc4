package io.divan.storage.leveldb.lsm;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Chunks of files that nothing names yet: they wait for the transaction that writes the name. Not
 * safe for use by many threads.
 */
final class WaitingFiles {

  /**
   * What of a file waits.
   *
   * @param file as it will be then
   * @param chunks by their numbers; the map does not change
   */
  record Waiting(FileRow file, Map<Long, byte[]> chunks) {}

  private final Map<String, Waiting> files = new LinkedHashMap<>();

  /** Adds chunks of a file, which takes the place of another file of the name. */
  void add(String name, FileRow file, Map<Long, byte[]> chunks) {
    Map<Long, byte[]> all = new HashMap<>(chunks(name, file));
    all.putAll(chunks);
    files.put(name, new Waiting(file, all));
  }

  void remove(String name) {
    files.remove(name);
  }

  /** What waits now, by name. */
  Map<String, Waiting> all() {
    return new LinkedHashMap<>(files);
  }

  /** Forgets what was written, but for files that have changed since {@link #all}. */
  void written(Map<String, Waiting> all) {
    files.entrySet().removeIf(entry -> all.get(entry.getKey()) == entry.getValue());
  }

  /** The chunks of a file that wait. */
  Map<Long, byte[]> chunks(String name, FileRow file) {
    Waiting found = files.get(name);
    return found != null && found.file().isSameFile(file) ? found.chunks() : Map.of();
  }

  /** How many chunks wait. */
  int chunks() {
    return files.values().stream().mapToInt(file -> file.chunks().size()).sum();
  }

  boolean isEmpty() {
    return files.isEmpty();
  }
}
