package io.divan.redb.benchmark;

import java.nio.file.Path;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;

/**
 * H2's MVStore, without its background thread, which commits every second and compacts. With its
 * default settings it does not reuse freed space for 45 seconds.
 */
final class MvStoreCandidate implements Candidate {
  private final boolean buffered;

  /**
   * Creates a configuration.
   *
   * @param buffered whether it writes changes whenever they exceed 19 MB, as by default; a large
   *     commit is then not atomic, unlike in the other stores, and needs more work. Otherwise all
   *     rows of a commit stay in memory until the commit, as objects and again as a chunk of the
   *     file, which is at most 2 GB
   */
  MvStoreCandidate(boolean buffered) {
    this.buffered = buffered;
  }

  @Override
  public String name() {
    return buffered ? "mvstore-buffered" : "mvstore";
  }

  @Override
  public Store open(Path directory, long cacheBytes, long unwrittenBytes, int readers) {
    MVStore.Builder builder =
        new MVStore.Builder()
            .fileName(directory.resolve("rows.mv").toString())
            .cacheSize(Math.toIntExact(cacheBytes >> 20))
            .autoCommitDisabled();
    return new MvStore((buffered ? builder : builder.autoCommitBufferSize(0)).open());
  }

  private static final class MvStore implements Store {
    private final MVStore store;
    private final MVMap<byte[], byte[]> map;

    MvStore(MVStore store) {
      this.store = store;
      map =
          store.openMap(
              "rows",
              new MVMap.Builder<byte[], byte[]>()
                  .keyType(ByteArrayDataType.INSTANCE)
                  .valueType(ByteArrayDataType.INSTANCE));
    }

    @Override
    public void put(byte[] key, byte[] value) {
      map.put(key, value);
    }

    /** Writes the changes to the file and syncs it; {@code commit} alone does not sync. */
    @Override
    public void commit() {
      store.commit();
      store.sync();
    }

    /** Many threads may change the map; a commit writes the changes of all. */
    @Override
    public void putFromMany(byte[] key, byte[] value) {
      put(key, value);
      commit();
    }

    @Override
    public Reader reader() {
      return new MvReader(map);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  private record MvReader(MVMap<byte[], byte[]> map) implements Reader {

    @Override
    public void get(byte[] key, Tally tally) {
      byte[] value = map.get(key);
      if (value != null) {
        tally.add(value);
      }
    }

    @Override
    public void scan(byte[] from, long rowsMax, Tally tally) {
      Cursor<byte[], byte[]> cursor = map.cursor(from);
      for (long i = 0; i < rowsMax && cursor.hasNext(); i++) {
        cursor.next();
        tally.add(cursor.getValue());
      }
    }

    @Override
    public void close() {
      // The map belongs to the store.
    }
  }
}
