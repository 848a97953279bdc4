package io.divan.record.query;

import io.divan.record.Index;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.index.IndexColumns;
import io.divan.record.index.IndexRows;
import io.divan.record.index.IndexScan;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.tuple.TupleReader;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads rows of an index. */
final class RowsCursor extends AccessCursor {
  private IndexScan.Position position;
  private IndexScan.@Nullable Request request;
  private final boolean covers;

  RowsCursor(
      Source source,
      int branch,
      Access access,
      Supplier<byte[]> fingerprint,
      IndexScan.Position from) {
    super(source, branch, access, fingerprint);
    this.position = from;
    this.covers = access.path().covers(needed);
    if (from.range() >= access.ranges().size()) {
      throw new RecordException.BadContinuation("The continuation is damaged: no such range");
    }
    this.ended = access.ranges().isEmpty();
  }

  @Override
  List<Range> ask(int max) {
    request =
        IndexScan.request(
            source.rows().space(),
            IndexRows.VALUES,
            access.path().number(),
            access.ranges(),
            access.reverse(),
            position,
            max);
    return request.scans();
  }

  @Override
  List<Entry> take(int max, List<Page> pages) {
    IndexScan.Slice slice = Objects.requireNonNull(request).slice(pages);
    position = slice.next();
    ended = slice.end();
    return slice.rows().stream().map(this::entry).toList();
  }

  private Entry entry(IndexScan.Row row) {
    Path path = access.path();
    Map<String, Object> values = new LinkedHashMap<>();
    byte[] primaryKey = new byte[0];
    try {
      IndexColumns.Reader reader = new IndexColumns.Reader(row.key(), 0);
      for (int i = 0; i < path.columns().size(); i++) {
        if (i == path.declared()) {
          primaryKey = Arrays.copyOfRange(row.key(), reader.position(), row.key().length);
        }
        Index.Column column = path.columns().get(i);
        put(values, column.field(), reader.next(column.descending()), path.isFanOut(i));
      }
    } catch (IllegalArgumentException e) {
      throw new RecordException.Damaged(
          "A row of " + path + " is damaged: " + e.getMessage());
    }
    byte[] order = order(values);
    return new Entry(
        branch, access, primaryKey, covered(row, values), order, after(row.position()));
  }

  private Optional<Rec> covered(IndexScan.Row row, Map<String, Object> values) {
    List<String> covering = access.path().index().orElseThrow().covering();
    if (!covers || isNotCovered(row.value())) {
      return Optional.empty();
    }
    TupleReader reader = new TupleReader(row.value());
    for (String field : covering) {
      put(values, field, reader.nextElement(), false);
    }
    return Optional.of(Rec.normal(source.plan().type().name(), values));
  }

  private static boolean isNotCovered(byte[] value) {
    return value.length > 0 && value[0] == RecordRows.NOT_COVERED;
  }

  private static void put(
      Map<String, Object> values, String field, @Nullable Object value, boolean element) {
    if (value != null && !element) {
      values.put(field, value);
    }
  }
}
