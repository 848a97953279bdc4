package io.divan.record.store;

import io.divan.record.Explanation;
import io.divan.record.Index;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordFeed;
import io.divan.record.RecordReader;
import io.divan.record.RecordSpace;
import io.divan.record.RecordTransaction;
import io.divan.record.Results;
import io.divan.record.Schema;
import io.divan.record.index.IndexBuild;
import io.divan.record.index.IndexCatalog;
import io.divan.record.index.IndexClear;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexScrub;
import io.divan.record.index.IndexSpace;
import io.divan.record.index.IndexState;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import io.divan.storage.layer.BoundedClear;
import io.divan.storage.lease.Lease;
import io.divan.storage.lease.Leases;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Records of the types of a schema, and their indexes, in any store. Several instances and programs
 * may use the same records; each sees the changes of the others, also those of the schema. Safe for
 * use by many threads.
 */
public final class RecordStore {
  private final Store store;
  private final Schema schema;
  private final RecordKeys keys;
  private final RecordReads reads;

  /** The build that {@link #buildStep} continues, and its index; under this object's lock. */
  private @Nullable IndexBuild<Rec> build;

  private int buildNumber;

  /** The removal that {@link #clearStep} continues, and its index; under this object's lock. */
  private @Nullable IndexClear clear;

  private int clearNumber;

  private RecordStore(Store store, RecordKeys keys, Schema schema) {
    this.store = store;
    this.keys = keys;
    this.schema = schema;
    this.reads = new RecordReads(keys, schema);
  }

  /**
   * Opens records. A schema with a greater version than the stored one takes its place, in one
   * transaction: {@link #buildStep} then builds new indexes and {@link #clearStep} removes the rows
   * of removed ones. Programs that opened an older version get {@link
   * RecordException.NewerSchema} from their next transaction.
   *
   * @throws RecordException.SchemaRefused if the parts of the schema do not fit together, or the
   *     change is not allowed
   * @throws RecordException.NewerSchema if the stored schema is newer
   * @throws RecordException.NewerFormat if a newer version of this library wrote the records
   */
  public static RecordStore open(Store store, RecordSpace space, Schema schema) {
    SchemaCheck.check(schema);
    RecordKeys keys = new RecordKeys(space.indexes());
    SchemaOpening opening = new SchemaOpening(keys, schema);
    if (!store.read(transaction -> opening.isStored(Metadata.load(transaction, keys)))) {
      store.write(
          transaction -> opening.store(transaction, Metadata.load(transaction, keys)));
    }
    return new RecordStore(store, keys, schema);
  }

  /**
   * Opens records with the stored schema. Types that a codec other than JSON encodes need {@link
   * #openStored(Store, RecordSpace, UnaryOperator)}.
   *
   * @return empty if there are no records, and never were any
   * @throws RecordException.SchemaRefused if the stored schema has upgrade steps, which only a
   *     program has
   */
  public static Optional<RecordStore> openStored(Store store, RecordSpace space) {
    return openStored(store, space, UnaryOperator.identity());
  }

  /**
   * Opens records with the stored schema.
   *
   * @param completion adds the codecs and the upgrade steps, of which the stored schema has only
   *     the descriptions. It must change nothing else
   * @return empty if there are no records, and never were any
   * @throws RecordException.SchemaRefused if the completed schema differs from the stored one, or
   *     lacks its upgrade steps
   */
  public static Optional<RecordStore> openStored(
      Store store, RecordSpace space, UnaryOperator<Schema> completion) {
    RecordKeys keys = new RecordKeys(space.indexes());
    return store.read(transaction -> Metadata.load(transaction, keys)).newest()
        .map(stored -> new RecordStore(store, keys, SchemaChange.completed(stored, completion)));
  }

  /**
   * Returns the stored schema, with the codec for JSON and without upgrade steps.
   *
   * @return empty if no schema is stored
   */
  public static Optional<Schema> stored(ReadTransaction transaction, RecordSpace space) {
    return Metadata.load(transaction, new RecordKeys(space.indexes())).newest()
        .map(SchemaJson.Stored::schema);
  }

  /** Returns the schema. */
  public Schema schema() {
    return schema;
  }

  /**
   * Runs work on one snapshot. The work may run more than once, as that of {@link Store#read}.
   */
  public <T> T read(Function<RecordReader, T> work) {
    return store.read(transaction -> work.apply(new SnapshotReader(reads, transaction)));
  }

  /**
   * Runs work in a serializable transaction, and commits it. The work may run more than once, as
   * that of {@link Store#write}.
   */
  public <T> Written<T> write(Function<RecordTransaction, T> work) {
    return store.write(transaction -> write(transaction, work));
  }

  /** Runs work within a transaction of the caller's, which may change other rows, too. */
  public <T> T write(WriteTransaction transaction, Function<RecordTransaction, T> work) {
    RecordChanges changes = new RecordChanges(reads, transaction);
    T result = work.apply(changes);
    changes.flush();
    return result;
  }

  /** Runs one page of a query in a transaction of its own. */
  public Results run(Query query, ReadLimits limits, Optional<byte[]> continuation) {
    return read(reader -> reader.run(query, limits, continuation));
  }

  /** Returns how a query would be run. */
  public Explanation explain(Query query) {
    return read(reader -> reader.explain(query));
  }

  /** Returns a feed, by the name of its index. */
  public RecordFeed feed(String index) {
    if (!(schema.requireIndex(index) instanceof Index.Versionstamp feed)) {
      throw new RecordException.Invalid("Index " + index + " is not a feed");
    }
    return new FeedReader(store, reads, feed);
  }

  /** Returns the state of an index, with the progress of its build. */
  public IndexHandle index(String name) {
    Index index = schema.requireIndex(name);
    return store.read(
        transaction -> {
          reads.metadata(transaction); // the schema is not older than the stored one
          return Metadata.load(transaction, keys).handle(index); // with the current progress
        });
  }

  /**
   * Builds indexes: indexes the next records of one of them, in one transaction. Instances may do
   * this at the same time without harm; {@link #buildLease} avoids the wasted work. An index that
   * cannot be built becomes disabled, and {@link #index} says why.
   *
   * @return whether another call is needed
   */
  public synchronized boolean buildStep() {
    Metadata metadata = store.read(reads::metadata);
    for (Index index : schema.indexes()) {
      IndexHandle handle = metadata.handle(index);
      if (handle.state() == IndexState.BUILDING) {
        if (build == null || buildNumber != handle.number()) {
          build =
              new IndexBuild<>(
                  store, keys.space(), handle.number(), new RecordSource(reads, schema, index));
          buildNumber = handle.number();
        }
        build.step();
        return true;
      }
    }
    build = null;
    return false;
  }

  /** Returns the lease of the builds of these records, not acquired. */
  public Lease buildLease(Leases leases) {
    return leases.lease(
        store, keys.space().table(), keys.buildLease(), "The builds of indexes of records");
  }

  /**
   * Removes an index's rows and builds it again: {@link #buildStep}. For an index that is disabled,
   * once the records are mended.
   */
  public void rebuild(String name) {
    Index index = schema.requireIndex(name);
    store.write(transaction -> new SchemaOpening(keys, schema).rebuild(transaction, index));
  }

  /**
   * Compares an index with the records, in many transactions, while writers continue.
   *
   * @param repair whether to repair differences
   */
  public IndexScrub.Found scrub(String name, boolean repair) {
    Index index = schema.requireIndex(name);
    IndexHandle handle = store.read(transaction -> reads.metadata(transaction).readable(index));
    IndexScrub<Rec> scrub =
        new IndexScrub<>(
            store, keys.space(), handle, new RecordSource(reads, schema, index), repair);
    IndexScrub.Found found = IndexScrub.Found.NOTHING;
    Optional<IndexScrub.Found> next = scrub.step();
    while (next.isPresent()) {
      found = found.plus(next.get());
      next = scrub.step();
    }
    return found;
  }

  /**
   * Removes rows of a removed index or records of a removed type, in one transaction.
   *
   * @return whether another call is needed
   */
  public synchronized boolean clearStep() {
    IndexSpace space = keys.space();
    Optional<Integer> index =
        store.read(
            transaction -> IndexCatalog.load(transaction, space).all().stream()
                .filter(each -> each.state() == IndexState.DROPPING)
                .map(IndexHandle::number)
                .findFirst());
    if (index.isPresent()) {
      if (clear == null || clearNumber != index.get()) {
        clear = new IndexClear(store, space, index.get());
        clearNumber = index.get();
      }
      clear.step();
      return true;
    }
    clear = null;
    Optional<Integer> type =
        store.read(
            transaction -> transaction.scan(keys.dropped().limit(1)).rows().stream()
                .map(row -> keys.droppedType(row.key()))
                .findFirst());
    if (type.isEmpty()) {
      return false;
    }
    Optional<Range> rest = BoundedClear.step(store, keys.records(type.get()));
    if (rest.isEmpty()) {
      store.write(
          transaction -> {
            transaction.delete(space.table(), keys.dropped(type.get()));
            return true;
          });
    }
    return true;
  }
}
