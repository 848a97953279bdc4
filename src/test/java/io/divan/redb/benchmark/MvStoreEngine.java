package io.divan.redb.benchmark;

import java.nio.file.Path;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;

/**
 * H2's MVStore. Its thread that commits once a second and compacts in the background is switched
 * off. As it comes, it does not use space again for 45 seconds.
 */
final class MvStoreEngine implements Engine {
  private final boolean buffered;

  /**
   * One way to use it.
   *
   * @param buffered whether it writes out changes by itself whenever there are 19 MB of them, as it
   *     comes; a large commit is not atomic then, unlike the others', and takes more work. If not,
   *     all rows of a commit are in memory until then, once as objects and once as a chunk of the
   *     file, which is at most 2 GB
   */
  MvStoreEngine(boolean buffered) {
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

    /** Writes what changed to the file, then syncs it: the first alone does not. */
    @Override
    public void commit() {
      store.commit();
      store.sync();
    }

    /** The map takes changes from many threads; a commit writes those of all. */
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
