package io.divan.query.index;

import io.divan.document.DocumentIds;
import io.divan.document.IndexStorage;
import io.divan.document.revision.Revision;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.query.plan.IndexDefinition;
import io.divan.query.selector.FieldReader;
import io.divan.query.selector.Selector;
import io.divan.query.selector.SelectorException;
import io.divan.record.index.Contribution;
import io.divan.storage.tuple.TupleWriter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rows that an index has of documents. Indexes of equal columns and filters have the same
 * {@link #signature} and share their rows, whatever their names are. Immutable.
 */
final class IndexedColumns {

  /** The most columns. */
  static final int COLUMNS_MAX = 32;

  private final byte[] signature;
  private final boolean whole;

  /** What is indexed; empty if no document can be in the index. */
  private final Optional<Rows> rows;

  private record Rows(FieldReader columns, Selector filter) {}

  private IndexedColumns(byte[] signature, boolean whole, Optional<Rows> rows) {
    this.signature = signature;
    this.whole = whole;
    this.rows = rows;
  }

  /**
   * Returns the rows of an index, or empty if it cannot be kept: it has too many columns, or needs
   * more of a document than its body, id and revision.
   */
  static Optional<IndexedColumns> of(IndexDefinition definition) {
    if (definition.columns().size() > COLUMNS_MAX
        || definition.columns().stream().anyMatch(IndexedColumns::isUnknown)
        || definition.partialFilter().filter(IndexedColumns::namesUnknown).isPresent()) {
      return Optional.empty();
    }
    JsonValue filter = definition.partialFilter().orElseGet(() -> new JsonValue.Obj(Map.of()));
    Optional<Rows> rows;
    try {
      Selector selector = Selector.of(filter);
      filter = selector.normalized();
      rows = Optional.of(new Rows(FieldReader.of(definition.columns()), selector));
    } catch (SelectorException e) {
      rows = Optional.empty(); // as in CouchDB, the index is empty
    }
    boolean whole =
        definition.columns().stream().anyMatch(column -> column.startsWith("_"))
            || namesAny(filter, "_");
    return Optional.of(
        new IndexedColumns(signature(definition.columns(), filter), whole, rows));
  }

  private static boolean isUnknown(String column) {
    return column.startsWith("_attachments") || column.startsWith("_conflicts");
  }

  private static boolean namesUnknown(JsonValue filter) {
    return namesAny(filter, "_attachments") || namesAny(filter, "_conflicts");
  }

  /** Whether a member at any depth has a name with this beginning. */
  private static boolean namesAny(JsonValue value, String beginning) {
    return switch (value) {
      case JsonValue.Obj(Map<String, JsonValue> members) ->
          members.entrySet().stream()
              .anyMatch(
                  member -> member.getKey().startsWith(beginning)
                      || namesAny(member.getValue(), beginning));
      case JsonValue.Arr(List<JsonValue> elements) ->
          elements.stream().anyMatch(element -> namesAny(element, beginning));
      default -> false;
    };
  }

  private static byte[] signature(List<String> columns, JsonValue filter) {
    JsonBuffer json = new JsonBuffer();
    List<JsonValue> names = columns.stream().<JsonValue>map(JsonValue.Str::new).toList();
    new JsonValue.Arr(List.of(new JsonValue.Arr(names), filter)).appendTo(json);
    return TupleWriter.pack(IndexVersion.CURRENT.toString(), sha256(json.toBytes()));
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** Returns the bytes that determine the rows. */
  byte[] signature() {
    return signature;
  }

  /**
   * Returns what a document contributes: a row, or nothing.
   *
   * @param body canonical JSON without underscore members
   */
  List<Contribution> contributions(String id, Revision revision, byte[] body) {
    if (rows.isEmpty() || DocumentIds.isDesign(id)) {
      return List.of();
    }
    byte[] document = whole ? whole(id, revision, body) : body;
    Rows indexed = rows.get();
    if (!indexed.filter().matches(document)) {
      return List.of();
    }
    return indexed
        .columns()
        .read(document)
        .<List<Contribution>>map(values -> List.of(IndexRow.encode(IndexStorage.key(id), values)))
        .orElse(List.of());
  }

  private static byte[] whole(String id, Revision revision, byte[] body) {
    JsonBuffer out = new JsonBuffer();
    out.raw("{\"_id\":").string(id).raw(",\"_rev\":").string(revision.toString());
    if (body.length > 2) {
      out.raw(',').raw(body, 1, body.length - 2);
    }
    return out.raw('}').toBytes();
  }
}
