package io.divan.record.store;

import io.divan.record.Index;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexScan.KeyRange;
import io.divan.record.index.IndexSource;
import io.divan.record.index.IndexSpace;
import io.divan.record.query.RecordRows;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Reads records and metadata of one record store. Safe for use by many threads. */
final class RecordReads implements RecordRows {
  private final RecordKeys keys;
  private final Schema schema;
  private final RecordCoder coder;
  private final AtomicReference<Optional<Metadata>> cached =
      new AtomicReference<>(Optional.empty());

  RecordReads(RecordKeys keys, Schema schema) {
    this.keys = keys;
    this.schema = schema;
    this.coder = new RecordCoder(schema);
  }

  RecordKeys keys() {
    return keys;
  }

  RecordCoder coder() {
    return coder;
  }

  /**
   * Returns the current metadata, which the transaction then depends on.
   *
   * @throws RecordException.NewerSchema if the stored schema is newer than this one
   */
  Metadata metadata(ReadTransaction transaction) {
    Optional<Metadata> known = cached.get();
    if (known.isPresent() && known.get().version().equals(transaction.configVersion())) {
      return known.get();
    }
    Metadata loaded = Metadata.load(transaction, keys);
    int stored = loaded.history().isEmpty() ? 0 : loaded.stored().version();
    if (stored > schema.version()) {
      throw new RecordException.NewerSchema(stored, schema.version());
    }
    if (stored < schema.version()) {
      throw new RecordException.Damaged("The stored schema has gone");
    }
    cached.set(Optional.of(loaded));
    return loaded;
  }

  @Override
  public Schema schema(ReadTransaction transaction) {
    metadata(transaction);
    return schema;
  }

  @Override
  public IndexHandle handle(ReadTransaction transaction, Index index) {
    return metadata(transaction).handle(index);
  }

  @Override
  public IndexSpace space() {
    return keys.space();
  }

  @Override
  public List<Optional<Rec>> get(
      ReadTransaction transaction, RecordType type, List<byte[]> primaryKeys) {
    Metadata metadata = metadata(transaction);
    List<Range> ranges =
        primaryKeys.stream().map(key -> keys.record(type.number(), key)).toList();
    List<Optional<Rec>> found = new ArrayList<>(primaryKeys.size());
    for (List<byte[]> chunks : chunks(transaction, ranges, List.of())) {
      found.add(
          chunks.isEmpty()
              ? Optional.empty()
              : Optional.of(coder.decode(metadata, type, chunks)));
    }
    return found;
  }

  /**
   * Reads the values of ranges, in one round trip unless they are large.
   *
   * @param pages the first pages of the ranges, if they have been read
   */
  List<List<byte[]>> chunks(
      ReadTransaction transaction, List<Range> ranges, List<Page> pages) {
    List<List<byte[]>> values = new ArrayList<>(ranges.size());
    List<Integer> open = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      values.add(new ArrayList<>());
      open.add(i);
    }
    List<Page> next = pages;
    if (pages.isEmpty() && !ranges.isEmpty()) {
      next = transaction.scanAll(ranges);
    }
    while (!open.isEmpty()) {
      List<Integer> rest = new ArrayList<>();
      List<Range> rests = new ArrayList<>();
      for (int i = 0; i < open.size(); i++) {
        int range = open.get(i);
        next.get(i).rows().forEach(row -> values.get(range).add(row.value()));
        next.get(i).rest().ifPresent(
            more -> {
              rest.add(range);
              rests.add(more);
            });
      }
      open = rest;
      next = rests.isEmpty() ? List.of() : transaction.scanAll(rests);
    }
    return values;
  }

  @Override
  public IndexSource.Slice<Rec> scan(
      ReadTransaction transaction,
      RecordType type,
      KeyRange range,
      Optional<byte[]> after,
      boolean reverse,
      int rowsMax,
      int bytesMax) {
    Metadata metadata = metadata(transaction);
    List<IndexSource.Item<Rec>> items = new ArrayList<>();
    Assembly assembly = new Assembly(keys, type, reverse);
    Range rest = keys.records(type.number(), range, after, reverse);
    byte[] last = after.orElseGet(() -> new byte[0]);
    long bytes = 0;
    while (!rest.isEmpty()) {
      int wanted = rowsMax - items.size() + assembly.missing();
      Page page = transaction.scan(rest.limit(wanted));
      for (KeyValue row : page.rows()) {
        bytes += row.bytes();
        if (assembly.add(row)) {
          last = assembly.primaryKey();
          Rec rec = coder.decode(metadata, type, assembly.take());
          items.add(new IndexSource.Item<>(last, rec));
          if (items.size() == rowsMax || bytes >= bytesMax) {
            return new IndexSource.Slice<>(items, last, false);
          }
        }
      }
      if (page.rest().isEmpty()) {
        break;
      }
      rest = page.rest().get();
    }
    if (assembly.missing() > 0) {
      throw Chunks.damaged();
    }
    return new IndexSource.Slice<>(items, last, true);
  }
}
