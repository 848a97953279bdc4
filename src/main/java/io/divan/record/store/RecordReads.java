package io.divan.record.store;

import io.divan.record.Index;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.index.IndexHandle;
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
import java.util.stream.IntStream;

/** Reads records and metadata of one record store. Safe for use by many threads. */
final class RecordReads implements RecordRows {
  private final RecordKeys keys;
  private final Schema schema;
  private final RecordCoder coder;

  /** The metadata of the only transaction of these reads. */
  private final Optional<Metadata> fixed;

  private final AtomicReference<Optional<Metadata>> cached =
      new AtomicReference<>(Optional.empty());

  RecordReads(RecordKeys keys, Schema schema) {
    this(keys, schema, new RecordCoder(schema), Optional.empty());
  }

  private RecordReads(
      RecordKeys keys, Schema schema, RecordCoder coder, Optional<Metadata> fixed) {
    this.keys = keys;
    this.schema = schema;
    this.coder = coder;
    this.fixed = fixed;
  }

  /**
   * Returns the reads of one transaction, which read the configuration version now and not again:
   * another record store of the transaction may change its schema, and with it that version.
   *
   * @throws RecordException.NewerSchema if the stored schema is newer than this one
   */
  RecordReads of(ReadTransaction transaction) {
    return fixed.isPresent()
        ? this
        : new RecordReads(keys, schema, coder, Optional.of(metadata(transaction)));
  }

  /** Returns the reads of a transaction after it has stored a schema. */
  RecordReads after(ReadTransaction transaction, Schema stored, Metadata before) {
    Metadata reloaded = Metadata.reload(transaction, keys, before);
    return new RecordReads(keys, stored, new RecordCoder(stored), Optional.of(reloaded));
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
    if (fixed.isPresent()) {
      return fixed.get();
    }
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
  public List<Range> ranges(RecordType type, List<byte[]> primaryKeys) {
    return records(type, primaryKeys).stream().map(RecordKeys::first).toList();
  }

  private List<Range> records(RecordType type, List<byte[]> primaryKeys) {
    return primaryKeys.stream().map(key -> keys.record(type.number(), key)).toList();
  }

  /** Returns records, in the order of their keys, whatever their size. */
  List<Optional<Rec>> get(
      ReadTransaction transaction, RecordType type, List<byte[]> primaryKeys) {
    return get(transaction, type, primaryKeys, List.of(), Long.MAX_VALUE);
  }

  @Override
  public List<Optional<Rec>> get(
      ReadTransaction transaction,
      RecordType type,
      List<byte[]> primaryKeys,
      List<Page> pages,
      long bytesMax) {
    Metadata metadata = metadata(transaction);
    List<Optional<Rec>> found = new ArrayList<>(primaryKeys.size());
    for (List<byte[]> chunks : chunks(transaction, records(type, primaryKeys), pages, bytesMax)) {
      found.add(
          chunks.isEmpty()
              ? Optional.empty()
              : Optional.of(coder.decode(metadata, type, chunks)));
    }
    return found;
  }

  /** Reads the chunks of records, whatever their size. */
  List<List<byte[]>> chunks(
      ReadTransaction transaction, List<Range> records, List<Page> firsts) {
    return chunks(transaction, records, firsts, Long.MAX_VALUE);
  }

  /**
   * Reads the chunks of records: the first ones in one round trip, then those of larger records.
   *
   * @param records the ranges of the records
   * @param firsts the pages of the {@link RecordKeys#first} chunks, if they have been read
   * @param bytesMax about the most bytes
   * @return the chunks of the first records, at least of one; of fewer than all if they have more
   *     bytes
   */
  private static List<List<byte[]>> chunks(
      ReadTransaction transaction, List<Range> records, List<Page> firsts, long bytesMax) {
    List<List<byte[]>> values = new ArrayList<>(records.size());
    records.forEach(range -> values.add(new ArrayList<>()));
    List<Integer> open = IntStream.range(0, records.size()).boxed().toList();
    List<Page> next =
        firsts.isEmpty() && !records.isEmpty()
            ? transaction.scanAll(records.stream().map(RecordKeys::first).toList())
            : firsts;
    int wanted = records.size();
    long bytes = 0;
    while (true) {
      List<Integer> cut = new ArrayList<>();
      List<Range> rests = new ArrayList<>();
      for (int i = 0; i < open.size(); i++) {
        int record = open.get(i);
        Page page = next.get(i);
        boolean first = values.get(record).isEmpty();
        for (KeyValue row : page.rows()) {
          values.get(record).add(row.value());
          bytes += row.bytes();
        }
        rest(records.get(record), page, first).ifPresent(
            rest -> {
              cut.add(record);
              rests.add(rest);
            });
      }
      if (cut.isEmpty()) {
        return values.subList(0, wanted);
      }
      if (bytes >= bytesMax && cut.getFirst() > 0) {
        return List.copyOf(values.subList(0, cut.getFirst()));
      }
      if (bytes >= bytesMax) { // the first record alone
        wanted = 1;
        values.subList(1, values.size()).clear();
        cut.subList(1, cut.size()).clear();
        rests.subList(1, rests.size()).clear();
      }
      open = cut;
      next = transaction.scanAll(rests);
    }
  }

  /** Returns what is still to be read of a record after a page. */
  private static Optional<Range> rest(Range record, Page page, boolean first) {
    if (page.rest().isPresent() || !first || page.rows().isEmpty()) {
      return page.rest();
    }
    KeyValue chunk = page.rows().getFirst();
    return Chunks.count(chunk.value()) > 1
        ? Optional.of(record.after(chunk.key()))
        : Optional.empty();
  }

  @Override
  public Range range(Scan scan) {
    return keys
        .records(scan.type().number(), scan.range(), scan.after(), scan.reverse())
        .limit(scan.rowsMax());
  }

  /** Scans records; see {@link #scan(ReadTransaction, Scan, Page, int)}. */
  IndexSource.Slice<Rec> scan(ReadTransaction transaction, Scan scan, int bytesMax) {
    return scan(transaction, scan, transaction.scan(range(scan)), bytesMax);
  }

  @Override
  public IndexSource.Slice<Rec> scan(
      ReadTransaction transaction, Scan scan, Page first, int bytesMax) {
    Metadata metadata = metadata(transaction);
    List<IndexSource.Item<Rec>> items = new ArrayList<>();
    Assembly assembly = new Assembly(keys, scan.type(), scan.reverse());
    byte[] last = scan.after().orElseGet(() -> new byte[0]);
    long bytes = 0;
    Page page = first;
    while (true) {
      for (KeyValue row : page.rows()) {
        bytes += row.bytes();
        if (assembly.add(row)) {
          last = assembly.primaryKey();
          Rec rec = coder.decode(metadata, scan.type(), assembly.take());
          items.add(new IndexSource.Item<>(last, rec));
          if (items.size() == scan.rowsMax() || bytes >= bytesMax) {
            return new IndexSource.Slice<>(items, last, false);
          }
        }
      }
      if (page.rest().isEmpty()) {
        if (assembly.missing() > 0) {
          throw Chunks.damaged();
        }
        return new IndexSource.Slice<>(items, last, true);
      }
      if (!items.isEmpty()) {
        return new IndexSource.Slice<>(items, last, false);
      }
      page = transaction.scan(page.rest().get().limit(Math.max(1, assembly.missing())));
    }
  }
}
