package io.divan.example.mvstore;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.embedded.BaseReadTransaction;
import io.divan.storage.embedded.TableKeys;
import io.divan.storage.embedded.TableRows;
import io.divan.storage.layer.OverlayGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;

/** The reads of one version of a database. */
final class MvStoreView extends BaseReadTransaction {
  private final Rows rows;

  /**
   * Makes a read transaction.
   *
   * @param mark of the watches, taken before the version
   */
  MvStoreView(MvStoreDatabase database, long mark) {
    super(database.watches, mark);
    this.rows = new Rows(database.committed);
  }

  /** The rows of all tables under one order of keys, as {@link TableKeys} makes them. */
  record Rows(MVMap<byte[], byte[]> version) implements OverlayGroup.Base {
    private static final int PAGE_ROWS = 100;

    @Override
    public Optional<byte[]> get(byte[] key) {
      return Optional.ofNullable(version.get(key)).map(byte[]::clone);
    }

    @Override
    public Page scan(Range range) {
      List<KeyValue> rows = new ArrayList<>();
      byte[] end = range.end().orElse(null);
      Cursor<byte[], byte[]> cursor =
          version.cursor(range.reverse() ? end : range.begin(), null, range.reverse());
      while (cursor.hasNext()) {
        byte[] key = cursor.next();
        if (range.contains(key)) {
          rows.add(new KeyValue(key.clone(), cursor.getValue().clone()));
        } else if (!range.reverse() || !Arrays.equals(key, end)) {
          break; // a reverse cursor begins at the end, which is exclusive
        }
        if (rows.size() == Math.min(range.limit(), PAGE_ROWS)) {
          return Page.stopped(rows, Page.Stop.ROWS, range.after(key));
        }
      }
      return Page.end(rows);
    }
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return rows.get(TableKeys.of(table, key));
  }

  @Override
  protected Page scan(Range range, long bytesMax, boolean firstFits) {
    if (range.isEmpty()) {
      return Page.end(List.of());
    }
    Range full = TableKeys.of(range.table(), range);
    TableRows page = new TableRows(range.table(), full, bytesMax, firstFits);
    Optional<Range> rest = Optional.of(full);
    while (rest.isPresent()) {
      Page some = rows.scan(rest.get());
      for (KeyValue row : some.rows()) {
        Optional<Page> ended = page.add(row);
        if (ended.isPresent()) {
          return ended.get();
        }
      }
      rest = some.rest();
    }
    return page.end();
  }

  @Override
  public Versionstamp configVersion() {
    return new Versionstamp(OverlayGroup.configVersion(rows), 0, 0);
  }
}
