package io.divan.storage.redb;

import io.divan.redb.Redb;
import io.divan.redb.SharedPageCache;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Redb files on a disk whose space ends when a test wants it, for layers over them. */
public final class FullRedb {
  private final Path directory;
  private final Map<Path, FaultyFile.Dials> files = new ConcurrentHashMap<>();

  /** Files in a directory, which has space. */
  public FullRedb(Path directory) {
    this.directory = directory;
  }

  /** An adapter as its author wrote it. */
  public StorageAdapter open() {
    return new RedbAdapter(
        RedbAdapter.Options.of(directory), TransactionListener.NONE, this::openFile);
  }

  private Redb openFile(Path file, SharedPageCache cache) {
    FaultyFile.Dials dials = files.computeIfAbsent(file, path -> new FaultyFile.Dials());
    try {
      return Redb.open(
          new FaultyFile(file, dials), file.toString(), new Redb.Options(false, cache));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on no file grows by more than so many bytes. */
  public void leave(long bytes) {
    files.forEach(
        (file, dials) -> {
          try {
            dials.lengthMax = Files.size(file) + bytes;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** There is space again. */
  public void makeSpace() {
    files.values().forEach(FaultyFile.Dials::allWell);
  }
}
