package io.divan.storage.leveldb;

import io.divan.storage.Page;
import io.divan.storage.Range;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.Snapshot;

/**
 * How a database is read. Any is through its iterators and snapshots; one that lies straight over
 * its base is in transactions of the base, which see one moment as well, cost a round trip less and
 * are not limited in number.
 */
sealed interface Views {

  /** Reads of one moment. */
  <T> T read(Function<View, T> work);

  /** Reads of now, each by itself. */
  View now();

  /** Reads of this moment until it is closed. */
  Lasting open();

  /** A view that lasts until it is closed. */
  record Lasting(View view, Snapshot snapshot) {
    void close() {
      try {
        snapshot.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static Views of(DB db) {
    return db instanceof StoreDb ours ? new OfStore(ours) : new OfAny(db);
  }

  /** Of any database. */
  record OfAny(DB db) implements Views {
    @Override
    public <T> T read(Function<View, T> work) {
      Lasting lasting = open();
      try {
        return work.apply(lasting.view());
      } finally {
        lasting.close();
      }
    }

    @Override
    public View now() {
      return new DbView(db, new ReadOptions());
    }

    @Override
    public Lasting open() {
      Snapshot snapshot = db.getSnapshot();
      return new Lasting(new DbView(db, new ReadOptions().snapshot(snapshot)), snapshot);
    }
  }

  /** Of a database straight over its base. */
  record OfStore(StoreDb db) implements Views {

    private record At(StoreDb db, Optional<OpenSnapshot> moment) implements View {
      @Override
      public Optional<byte[]> get(byte[] key) {
        return db.reading(moment, reads -> reads.get(key));
      }

      @Override
      public List<Optional<byte[]>> getAll(List<byte[]> keys) {
        return db.reading(moment, reads -> reads.getAll(keys));
      }

      @Override
      public Page scan(Range range) {
        return db.reading(moment, reads -> reads.scan(range));
      }

      @Override
      public List<Page> scanAll(List<Range> ranges) {
        return db.reading(moment, reads -> reads.scanAll(ranges));
      }
    }

    @Override
    public <T> T read(Function<View, T> work) {
      return db.reading(Optional.empty(), work::apply);
    }

    @Override
    public View now() {
      return new At(db, Optional.empty());
    }

    @Override
    public Lasting open() {
      OpenSnapshot snapshot = db.openSnapshot();
      return new Lasting(new At(db, Optional.of(snapshot)), snapshot);
    }
  }
}
