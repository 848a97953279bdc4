package io.divan.query.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.IndexStorage;
import io.divan.document.WinnerReader;
import io.divan.json.JsonValue;
import io.divan.query.plan.IndexDefinition;
import io.divan.query.selector.Selector;
import io.divan.record.index.Contribution;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexRows;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.tuple.TupleText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Compares all readable indexes of a database with its documents. */
final class IndexRecount {

  private IndexRecount() {}

  /** Builds and clears all that is unfinished, then compares; returns the number of indexes. */
  static int finish(Store store) {
    IndexWork work = new IndexWork(store, () -> false, IndexWork.Progress.NONE);
    while (work.step()) {
      // the next one
    }
    assertThat(IndexWork.isFinished(store)).isTrue();
    return compare(store);
  }

  /** Compares the indexes that are readable. */
  static int compare(Store store) {
    return store.read(
        transaction -> {
          DatabaseIndexes indexes = DatabaseIndexes.load(transaction);
          assertThat(indexes.unneeded()).isEmpty();
          int compared = 0;
          for (IndexDefinition definition : indexes.definitions()) {
            Optional<IndexHandle> handle =
                indexes.handle(definition).filter(IndexHandle::readable);
            if (handle.isPresent()) {
              assertThat(rows(transaction, handle.get().number()))
                  .as(definition.toString())
                  .isEqualTo(expected(transaction, definition));
              compared++;
            }
          }
          return compared;
        });
  }

  /** The rows of an index, in their order. */
  static Map<String, String> rows(ReadTransaction transaction, int number) {
    Range range = DatabaseIndexes.SPACE.rows(IndexRows.VALUES, number);
    Map<String, String> rows = new TreeMap<>();
    Optional<Range> rest = Optional.of(range);
    while (rest.isPresent()) {
      Page page = transaction.scan(rest.get());
      for (KeyValue row : page.rows()) {
        byte[] key =
            Arrays.copyOfRange(row.key(), range.begin().length, row.key().length);
        rows.put(TupleText.hex(key), TupleText.hex(row.value()));
      }
      rest = page.rest();
    }
    return rows;
  }

  private static Map<String, String> expected(
      ReadTransaction transaction, IndexDefinition definition) {
    Map<String, String> rows = new TreeMap<>();
    Selector filter =
        Selector.of(definition.partialFilter().orElseGet(() -> new JsonValue.Obj(Map.of())));
    Optional<WinnerReader.Ids> rest = Optional.of(WinnerReader.Ids.all(false));
    while (rest.isPresent()) {
      WinnerReader.Slice slice =
          WinnerReader.UNRESTRICTED.scan(transaction, rest.get(), 100, false);
      for (WinnerReader.Winner winner : slice.winners()) {
        JsonValue document = JsonValue.read(winner.toJson());
        List<JsonValue> values = new ArrayList<>();
        definition.columns().forEach(
            column -> find(document, column).ifPresent(values::add));
        if (!winner.id().startsWith("_design/")
            && values.size() == definition.columns().size()
            && filter.matches(document)) {
          Contribution.Row row = IndexRow.encode(IndexStorage.key(winner.id()), values);
          rows.put(TupleText.hex(row.key()), TupleText.hex(row.value()));
        }
      }
      rest = slice.rest();
    }
    return rows;
  }

  private static Optional<JsonValue> find(JsonValue document, String column) {
    Optional<JsonValue> here = Optional.of(document);
    for (String name : column.split("\\.")) {
      here =
          here.flatMap(
              value -> value instanceof JsonValue.Obj(Map<String, JsonValue> members)
                  ? Optional.ofNullable(members.get(name))
                  : Optional.empty());
    }
    return here;
  }
}
