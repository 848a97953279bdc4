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
 * The ways to read a database. Any database can be read through iterators and snapshots. A database
 * directly on its base is read in transactions of the base: they also see one state, save a round
 * trip, and are not limited in number.
 */
sealed interface Views {

  /** Runs a function that reads one state. */
  <T> T read(Function<View, T> work);

  /** Returns a view of the latest state; each read is separate. */
  View now();

  /** Opens a view of the current state. */
  Lasting open();

  /** A view that is valid until it is closed. */
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

  /** Reads any database through its interface. */
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

  /** Reads a database directly on its base. */
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
