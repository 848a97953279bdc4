package io.divan.record.index;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** Things with indexes of every kind, kept as an owner of indexes keeps its records. */
final class TestThings implements IndexSource<TestThings.Thing> {
  static final Table TABLE = new Table(201, "test_things");
  static final IndexSpace SPACE = new IndexSpace(IndexSpace.RECORDS, new byte[] {'i'});
  static final byte[] VERSION = {'v'};
  private static final byte[] THINGS = {'t'};
  private static final byte[] NONE = {};

  /** A thing; an empty field is null in an index. */
  record Thing(Optional<String> city, long age, List<String> tags, Optional<String> code) {
    byte[] toBytes() {
      return TupleWriter.pack(city.orElse(null), age, tags, code.orElse(null));
    }

    static Thing of(byte[] bytes) {
      List<Object> fields = TupleReader.unpack(bytes);
      List<String> tags = new ArrayList<>();
      ((List<?>) fields.get(2)).forEach(tag -> tags.add((String) tag));
      return new Thing(
          Optional.ofNullable((String) fields.get(0)),
          (Long) fields.get(1),
          tags,
          Optional.ofNullable((String) fields.get(3)));
    }
  }

  /** The definition of an index; its name is the signature. */
  enum Kind {
    CITY_AND_AGE_DOWN,
    TAGS,
    COVERING,
    UNIQUE_CODE,
    COUNT,
    COUNT_BY_TAG,
    SUM_BY_CITY,
    OLDEST_BY_CITY,
    YOUNGEST,
    FEED,
    HISTORY;

    byte[] signature() {
      return name().getBytes(StandardCharsets.US_ASCII);
    }

    static Kind of(IndexHandle index) {
      return valueOf(new String(index.signature(), StandardCharsets.US_ASCII));
    }

    List<Contribution> contributions(byte[] primaryKey, Thing thing) {
      String city = thing.city().orElse(null);
      byte[] byCity = TupleWriter.pack(city);
      return switch (this) {
        case CITY_AND_AGE_DOWN ->
            List.of(
                new Contribution.Row(
                    IndexSpace.concat(
                        new IndexColumns.Writer()
                            .add(city, false).add(thing.age(), true).toBytes(),
                        primaryKey),
                    NONE));
        case TAGS ->
            new HashSet<>(thing.tags()).stream()
                .<Contribution>map(
                    tag -> new Contribution.Row(
                        IndexSpace.concat(TupleWriter.pack(tag), primaryKey), NONE))
                .toList();
        case COVERING ->
            List.of(
                new Contribution.Row(
                    IndexSpace.concat(byCity, primaryKey), TupleWriter.pack(thing.age())));
        case UNIQUE_CODE ->
            thing.code().stream()
                .<Contribution>map(
                    code -> new Contribution.Unique(TupleWriter.pack(code), primaryKey))
                .toList();
        case COUNT -> List.of(new Contribution.Add(NONE, 1));
        case COUNT_BY_TAG ->
            thing.tags().stream()
                .<Contribution>map(tag -> new Contribution.Add(TupleWriter.pack(tag), 1))
                .toList();
        case SUM_BY_CITY -> List.of(new Contribution.Add(byCity, thing.age()));
        case OLDEST_BY_CITY ->
            List.of(new Contribution.Ever(byCity, TupleWriter.pack(thing.age()), true));
        case YOUNGEST ->
            List.of(new Contribution.Ever(NONE, TupleWriter.pack(thing.age()), false));
        case FEED -> List.of(new Contribution.Feed(primaryKey, thing.toBytes(), false));
        case HISTORY -> List.of(new Contribution.Feed(primaryKey, thing.toBytes(), true));
      };
    }

    /** What is contributed by a thing that has just been deleted. */
    List<Contribution> afterDeletion(byte[] primaryKey) {
      return this == FEED || this == HISTORY
          ? List.of(new Contribution.Feed(primaryKey, NONE, this == HISTORY))
          : List.of();
    }
  }

  private record Cached(Versionstamp version, IndexCatalog catalog) {}

  private final int sliceMax;
  private Optional<Cached> cached = Optional.empty();

  /** Returns things in slices of at most so many. */
  TestThings(int sliceMax) {
    this.sliceMax = sliceMax;
  }

  static byte[] primaryKey(String id) {
    return TupleWriter.pack(id);
  }

  static byte[] key(byte[] primaryKey) {
    return IndexSpace.concat(THINGS, primaryKey);
  }

  /** Returns the catalog, which is read again only after it changed. */
  IndexCatalog catalog(ReadTransaction transaction) {
    Versionstamp version = transaction.configVersion();
    Cached known = cached.orElse(null);
    if (known == null || !known.version().equals(version)) {
      known = new Cached(version, IndexCatalog.load(transaction, SPACE));
      cached = Optional.of(known);
    }
    return known.catalog();
  }

  /** Writes or deletes things and maintains their indexes, in one round trip. */
  void change(WriteTransaction transaction, SequencedMap<String, Optional<Thing>> changes) {
    IndexCatalog catalog = catalog(transaction);
    IndexWriter writer = new IndexWriter(transaction, SPACE);
    List<Range> ranges = new ArrayList<>();
    for (String id : changes.keySet()) {
      byte[] key = key(primaryKey(id));
      ranges.add(Range.of(TABLE, key, IndexSpace.concat(key, new byte[1])));
    }
    ranges.addAll(writer.needed(differences(catalog, changes, List.of())));
    List<Page> pages = transaction.scanAll(ranges);
    List<Optional<Thing>> before = new ArrayList<>();
    pages.subList(0, changes.size())
        .forEach(
            page -> before.add(page.rows().stream().findFirst().map(row -> Thing.of(row.value()))));
    writer.change(
        differences(catalog, changes, before), pages.subList(changes.size(), pages.size()));
    changes.forEach(
        (id, thing) -> thing.ifPresentOrElse(
            some -> transaction.put(TABLE, key(primaryKey(id)), some.toBytes()),
            () -> transaction.delete(TABLE, key(primaryKey(id)))));
    transaction.add(TABLE, VERSION, 1);
  }

  private static List<IndexWriter.Change> differences(
      IndexCatalog catalog,
      SequencedMap<String, Optional<Thing>> changes,
      List<Optional<Thing>> before) {
    List<IndexWriter.Change> differences = new ArrayList<>();
    int next = 0;
    for (String id : changes.keySet()) {
      byte[] primaryKey = primaryKey(id);
      Optional<Thing> old = before.isEmpty() ? Optional.empty() : before.get(next++);
      for (IndexHandle index : catalog.all()) {
        Kind kind = Kind.of(index);
        differences.add(
            new IndexWriter.Change(
                index,
                primaryKey,
                old.map(thing -> kind.contributions(primaryKey, thing)).orElse(List.of()),
                changes.get(id)
                    .map(thing -> kind.contributions(primaryKey, thing))
                    .orElseGet(
                        () -> old.isPresent() || before.isEmpty()
                            ? kind.afterDeletion(primaryKey)
                            : List.of())));
      }
    }
    return differences;
  }

  static IndexHandle create(Store store, Kind kind) {
    return store
        .write(transaction -> IndexCatalog.create(transaction, SPACE, kind.signature(), 0))
        .result();
  }

  /** Builds to the end. */
  IndexBuild.Step build(Store store, IndexHandle index) {
    IndexBuild<Thing> build = new IndexBuild<>(store, SPACE, index.number(), this);
    while (true) {
      if (!(build.step() instanceof IndexBuild.Step.More)) {
        return build.step();
      }
    }
  }

  IndexScrub.Found scrub(Store store, IndexHandle index, boolean repair) {
    IndexScrub<Thing> scrub = new IndexScrub<>(store, SPACE, index, this, repair);
    IndexScrub.Found found = IndexScrub.Found.NOTHING;
    Optional<IndexScrub.Found> step = scrub.step();
    while (step.isPresent()) {
      found = found.plus(step.get());
      step = scrub.step();
    }
    return found;
  }

  @Override
  public Slice<Thing> after(
      ReadTransaction transaction, byte[] position, int rowsMax, int bytesMax) {
    Range all = Range.prefix(TABLE, THINGS).limit(Math.min(rowsMax, sliceMax));
    Page page = transaction.scan(position.length == 0 ? all : all.after(key(position)));
    List<Item<Thing>> items = new ArrayList<>();
    byte[] last = position;
    for (KeyValue row : page.rows()) {
      last = Arrays.copyOfRange(row.key(), THINGS.length, row.key().length);
      items.add(new Item<>(last, Thing.of(row.value())));
    }
    return new Slice<>(items, last, page.stop() == Page.Stop.END);
  }

  @Override
  public Optional<Thing> get(ReadTransaction transaction, byte[] primaryKey) {
    return transaction.get(TABLE, key(primaryKey)).map(Thing::of);
  }

  @Override
  public List<Contribution> contributions(IndexHandle index, byte[] primaryKey, Thing thing) {
    return Kind.of(index).contributions(primaryKey, thing);
  }

  @Override
  public Optional<byte[]> owner(IndexHandle index, byte[] key) {
    IndexColumns.Reader reader = new IndexColumns.Reader(key, 0);
    reader.next(false);
    if (Kind.of(index) == Kind.CITY_AND_AGE_DOWN) {
      reader.next(true);
    }
    return Optional.of(Arrays.copyOfRange(key, reader.position(), key.length));
  }

  @Override
  public Optional<byte[]> version(ReadTransaction transaction) {
    return transaction.get(TABLE, VERSION);
  }
}
