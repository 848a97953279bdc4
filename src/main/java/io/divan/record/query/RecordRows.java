package io.divan.record.query;

import io.divan.record.Index;
import io.divan.record.Rec;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexScan;
import io.divan.record.index.IndexSource;
import io.divan.record.index.IndexSpace;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import java.util.List;
import java.util.Optional;

/**
 * The records and indexes that queries read. Primary keys are the packed tuples of their elements,
 * without the number of the type. Reads belong to the transaction they are given.
 */
public interface RecordRows {
  /** The value of a row whose covered fields are too large: no tuple begins with this byte. */
  byte NOT_COVERED = (byte) 0xFF;

  /**
   * Records in the order of their primary keys.
   *
   * @param range the primary keys
   * @param after the key of the last record already read; it lies in the range
   * @param rowsMax the most records, at least 1
   */
  record Scan(
      RecordType type,
      IndexScan.KeyRange range,
      Optional<byte[]> after,
      boolean reverse,
      int rowsMax) {
    /** Returns this scan of at most so many records. */
    public Scan rowsMax(int rows) {
      return new Scan(type, range, after, reverse, rows);
    }
  }

  /** Returns the ranges of records, which {@link #get} reads, in the order of their keys. */
  List<Range> ranges(RecordType type, List<byte[]> primaryKeys);

  /**
   * Returns records in the order of their keys, in one round trip unless they are large.
   *
   * @param pages the pages of their {@link #ranges}; none if they are yet to be read
   * @param bytesMax about the most bytes of records
   * @return the records of the first keys; fewer than all only if they have more bytes, but at
   *     least one
   */
  List<Optional<Rec>> get(
      ReadTransaction transaction,
      RecordType type,
      List<byte[]> primaryKeys,
      List<Page> pages,
      long bytesMax);

  /** Returns the range that a scan reads first. */
  Range range(Scan scan);

  /**
   * Returns the records of a scan: at least one, unless there are no more.
   *
   * @param first the page of its {@link #range}, possibly with a greater limit
   * @param bytesMax about the most bytes of records; a larger one is returned alone
   */
  IndexSource.Slice<Rec> scan(
      ReadTransaction transaction, Scan scan, Page first, int bytesMax);

  /** Returns the current schema, without a round trip unless it has changed. */
  Schema schema(ReadTransaction transaction);

  /** Returns the state of an index of the schema, without a round trip unless one has changed. */
  IndexHandle handle(ReadTransaction transaction, Index index);

  /** Returns where the indexes are. */
  IndexSpace space();
}
