package io.divan.storage.redb;

import io.divan.redb.ReadableTable;
import io.divan.redb.RedbTable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A row about the file itself, in the table {@value #TABLE}. No {@link io.divan.storage.Table} can
 * have that name. The key is the row's name in ASCII, the value 8 bytes, big-endian.
 */
enum RedbFileRow {
  /** The number of the format: {@link #FORMAT_NOW}. */
  FORMAT("format"),
  /** A random number, drawn when the file was created. Two files with the same one are copies. */
  FILE_ID("incarnation"),
  /** A number that no versionstamp of the file exceeds. */
  STAMP_CEILING("stamp"),
  /** The versionstamp of the last change of the configuration. */
  CONFIG_VERSION("config_version"),
  /** In the system store: a number that no versionstamp of a deleted database exceeds. */
  STAMP_FLOOR("stamp_floor");

  static final String TABLE = "divan-engine";

  /** The newest known format. */
  static final long FORMAT_NOW = 1;

  private final byte[] key;

  RedbFileRow(String key) {
    this.key = key.getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns the row's number, 0 if the row or the table is missing. */
  long read(@Nullable ReadableTable<byte[], byte[]> table) {
    return table == null
        ? 0
        : table
            .get(key)
            .filter(value -> value.length == Long.BYTES)
            .map(value -> ByteBuffer.wrap(value).getLong())
            .orElse(0L);
  }

  void write(RedbTable<byte[], byte[]> table, long number) {
    table.put(key, ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }
}
