package io.divan.storage.fdb;

import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The layout of keys below the prefix that the directory layer assigns. The codes are those of
 * CouchDB's commit "Initial fabric2 implementation on FoundationDB":
 *
 * <pre>
 * (0, "format")             tuple (format number): the format of this directory
 * (1, name)                 tuple (database's prefix)
 * (2, 0, window)            number of prefixes allocated from the window, little-endian
 * (2, 1, candidate)         an allocated prefix
 * (15, database's prefix)   a database: followed by (table's number) and the table's own keys, or
 *                           by ("version") with the versionstamp of its configuration
 * (255, seconds, random, n) a transaction's id: its versionstamp, see {@link TransactionIds}
 * </pre>
 *
 * <p>Every level is a tuple, readable with fdbcli and any tuple library. The empty prefix belongs
 * to the server's own hidden store.
 */
final class KeySpace {

  /** The format that this code reads and writes; greater numbers are refused. */
  static final int FORMAT_NUMBER = 1;

  static final byte[] SYSTEM_PREFIX = {};

  static final int CLUSTER_CONFIG = 0;
  static final int ALL_DBS = 1;
  static final int ALLOCATOR = 2;
  static final int DBS = 15;
  static final int TX_IDS = 255;

  /** Changes with the configuration of any database; read without a round trip of its own. */
  static final byte[] METADATA_VERSION =
      "\u00ff/metadataVersion".getBytes(StandardCharsets.ISO_8859_1);

  private final byte[] layer;

  KeySpace(byte[] layer) {
    this.layer = layer.clone();
  }

  byte[] format() {
    return key(new TupleWriter().add(CLUSTER_CONFIG).add("format"));
  }

  byte[] database(String name) {
    // Replaces unpaired surrogates: they occur in no name, but may occur in the bounds of a list.
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    return key(new TupleWriter().add(ALL_DBS).add(new String(utf8, StandardCharsets.UTF_8)));
  }

  String databaseName(byte[] key) {
    TupleReader reader = new TupleReader(Arrays.copyOfRange(key, layer.length, key.length));
    reader.nextLong();
    return reader.nextString();
  }

  byte[] allDatabases() {
    return key(new TupleWriter().add(ALL_DBS));
  }

  byte[] allocated(long window) {
    return key(new TupleWriter().add(ALLOCATOR).add(0).add(window));
  }

  byte[] allAllocated() {
    return key(new TupleWriter().add(ALLOCATOR).add(0));
  }

  long window(byte[] allocatedKey) {
    byte[] tuple = Arrays.copyOfRange(allocatedKey, layer.length, allocatedKey.length);
    TupleReader reader = new TupleReader(tuple);
    reader.nextLong();
    reader.nextLong();
    return reader.nextLong();
  }

  byte[] candidate(long number) {
    return key(new TupleWriter().add(ALLOCATOR).add(1).add(number));
  }

  byte[] allCandidates() {
    return key(new TupleWriter().add(ALLOCATOR).add(1));
  }

  StoreSpace store(byte[] prefix) {
    return new StoreSpace(key(new TupleWriter().add(DBS).add(prefix)));
  }

  byte[] transactionId(long seconds, byte[] random, long number) {
    return key(new TupleWriter().add(TX_IDS).add(seconds).add(random).add(number));
  }

  byte[] transactionIdsBefore(long seconds) {
    return key(new TupleWriter().add(TX_IDS).add(seconds));
  }

  byte[] allTransactionIds() {
    return key(new TupleWriter().add(TX_IDS));
  }

  private byte[] key(TupleWriter tuple) {
    return join(layer, tuple.toBytes());
  }

  static byte[] join(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  /** The first key after all keys that begin with {@code prefix}, which is a tuple. */
  static byte[] afterPrefix(byte[] prefix) {
    return io.divan.storage.Range.afterPrefix(prefix)
        .orElseThrow(() -> new IllegalStateException("A tuple consists of 0xFF bytes only"));
  }
}
