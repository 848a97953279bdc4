package io.divan.query.index;

import io.divan.document.DerivedValue;
import io.divan.document.DesignDocuments;
import io.divan.document.DesignDocuments.DesignDocument;
import io.divan.document.IndexStorage;
import io.divan.json.JsonValue;
import io.divan.query.plan.IndexDefinition;
import io.divan.record.index.IndexCatalog;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexSpace;
import io.divan.record.index.IndexState;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The indexes of a database, as its design documents define them and as they are stored. Immutable.
 */
public final class DatabaseIndexes {

  /** The indexes of a database, cached while its configuration stays. */
  public static final DerivedValue<DatabaseIndexes> VALUE = DatabaseIndexes::load;

  static final IndexSpace SPACE = new IndexSpace(IndexStorage.table(), new byte[0]);

  /** Whether queries can use an index. */
  public enum Availability {
    /** The index has all its documents. */
    READABLE,
    /** The index is being built. */
    BUILDING,
    /** The index is not stored yet; {@link IndexBuilds#await} creates it. */
    MISSING,
    /** The index cannot be stored. */
    UNUSABLE
  }

  /**
   * A defined index.
   *
   * @param columns its rows; empty if it cannot be stored
   * @param handle the stored index, which several definitions may share
   */
  record Defined(
      IndexDefinition definition,
      Optional<IndexedColumns> columns,
      Optional<IndexHandle> handle) {

    boolean isMissing() {
      return columns.isPresent() && handle.isEmpty();
    }
  }

  /** A stored index that edits keep up to date. */
  record Maintained(IndexHandle handle, IndexedColumns columns) {}

  private final Map<String, List<IndexDefinition>> definitions;
  private final IndexCatalog catalog;
  private final Map<IndexDefinition, Defined> defined = new TreeMap<>(IndexDefinition.BY_NAME);
  private final List<Maintained> maintained = new ArrayList<>();
  private final List<IndexHandle> unneeded = new ArrayList<>();

  private DatabaseIndexes(
      Map<String, List<IndexDefinition>> definitions, IndexCatalog catalog) {
    this.definitions = definitions;
    this.catalog = catalog;
    definitions.values().stream()
        .flatMap(List::stream)
        .forEach(
            definition -> {
              Optional<IndexedColumns> columns = IndexedColumns.of(definition);
              defined.put(
                  definition,
                  new Defined(
                      definition,
                      columns,
                      columns.flatMap(rows -> catalog.find(rows.signature()))));
            });
    for (IndexHandle handle : catalog.all()) {
      if (handle.state() == IndexState.DROPPING) {
        continue;
      }
      Optional<IndexedColumns> columns =
          defined.values().stream()
              .filter(one -> one.handle().filter(h -> h.number() == handle.number()).isPresent())
              .findFirst()
              .flatMap(Defined::columns);
      if (columns.isEmpty()) {
        unneeded.add(handle);
      } else if (handle.maintained()) {
        maintained.add(new Maintained(handle, columns.get()));
      }
    }
  }

  static DatabaseIndexes load(ReadTransaction transaction) {
    Map<String, List<IndexDefinition>> definitions = new TreeMap<>();
    for (DesignDocument document : DesignDocuments.read(transaction)) {
      List<IndexDefinition> indexes = definitions(document.id(), document.body());
      if (!indexes.isEmpty()) {
        definitions.put(document.id(), indexes);
      }
    }
    return new DatabaseIndexes(definitions, IndexCatalog.load(transaction, SPACE));
  }

  /** Returns the indexes that a design document defines. */
  static List<IndexDefinition> definitions(String id, byte[] body) {
    boolean query =
        JsonValue.read(body, "language"::equals) instanceof JsonValue.Obj language
            && new JsonValue.Str("query").equals(language.members().get("language"));
    return query && JsonValue.read(body) instanceof JsonValue.Obj document
        ? IndexDefinition.ofDesignDocument(id, document)
        : List.of();
  }

  /** Returns these indexes after a change of design documents. */
  DatabaseIndexes with(Map<String, List<IndexDefinition>> changed) {
    Map<String, List<IndexDefinition>> all = new TreeMap<>(definitions);
    changed.forEach(
        (id, indexes) -> {
          if (indexes.isEmpty()) {
            all.remove(id);
          } else {
            all.put(id, indexes);
          }
        });
    return new DatabaseIndexes(all, catalog);
  }

  /** Returns all definitions, by design document and name, without {@code _all_docs}. */
  public List<IndexDefinition> definitions() {
    return List.copyOf(defined.keySet());
  }

  /** Returns whether queries can use an index. */
  public Availability availability(IndexDefinition definition) {
    Defined index = defined.get(definition);
    if (index == null || index.columns().isEmpty()) {
      return Availability.UNUSABLE;
    }
    return index
        .handle()
        .map(
            handle -> switch (handle.state()) {
              case READABLE -> Availability.READABLE;
              case BUILDING -> Availability.BUILDING;
              case DISABLED, DROPPING -> Availability.UNUSABLE;
            })
        .orElse(Availability.MISSING);
  }

  /**
   * Returns the reader of an index, or empty if it is not readable. Its rows may be read in the
   * transactions in which these indexes are current.
   */
  public Optional<IndexReader> reader(IndexDefinition definition) {
    return handle(definition)
        .filter(IndexHandle::readable)
        .map(handle -> new IndexReader(handle.number(), handle.signature()));
  }

  Optional<IndexHandle> handle(IndexDefinition definition) {
    return Optional.ofNullable(defined.get(definition)).flatMap(Defined::handle);
  }

  IndexCatalog catalog() {
    return catalog;
  }

  Collection<Defined> defined() {
    return defined.values();
  }

  /** Returns the stored indexes that edits keep up to date. */
  List<Maintained> maintained() {
    return maintained;
  }

  /** Returns the stored indexes that no design document defines, or that have another version. */
  List<IndexHandle> unneeded() {
    return unneeded;
  }

  /** Returns whether an index is defined and not stored, or stored and not defined. */
  boolean isOutdated() {
    return !unneeded.isEmpty() || defined.values().stream().anyMatch(Defined::isMissing);
  }

  /** Returns the first design document that defines an index, or nothing of an unneeded one. */
  String designDocument(IndexHandle index) {
    return defined.values().stream()
        .filter(one -> one.handle().filter(h -> h.number() == index.number()).isPresent())
        .findFirst()
        .flatMap(one -> one.definition().designDocument())
        .orElse("");
  }

  /** Returns the rows of the index with a signature. */
  Optional<IndexedColumns> columns(byte[] signature) {
    return defined.values().stream()
        .map(Defined::columns)
        .flatMap(Optional::stream)
        .filter(columns -> Arrays.equals(columns.signature(), signature))
        .findFirst();
  }

  /**
   * Refuses to change a database whose indexes this version cannot keep.
   *
   * @throws StorageException.StoreUnusable if an index has a newer version
   */
  void requireKnownVersions(String database) {
    for (IndexHandle handle : unneeded) {
      IndexVersion version = IndexVersion.of(handle.signature());
      if (version.compareTo(IndexVersion.CURRENT) > 0) {
        throw new StorageException.StoreUnusable(
            "The database " + database + " has an index of version " + version + ", and this"
                + " version of Divan writes up to " + IndexVersion.CURRENT + ": change it with the"
                + " version that created the index, or a newer one");
      }
    }
  }
}
