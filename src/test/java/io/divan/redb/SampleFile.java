package io.divan.redb;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * An in-memory file written by redb, to read its trees. Parses only as much of the header as that
 * needs, without checks.
 */
final class SampleFile implements Pages {
  static final TreeFormat STRINGS =
      new TreeFormat(TreeFormat.VARIABLE, TreeFormat.VARIABLE, KeyOrder.BYTES);

  private final byte[] file;

  SampleFile(byte[] file) {
    this.file = file;
  }

  /** Loads a file of src/test/resources/redb. */
  static SampleFile of(String name) {
    try (InputStream raw = SampleFile.class.getResourceAsStream("/redb/" + name + ".redb.gz");
        InputStream in = new GZIPInputStream(raw)) {
      return new SampleFile(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the table tree. */
  Tree tables() {
    int slot = 64 + 128 * (file[9] & 1);
    return new Tree(this, STRINGS, root(file, slot + 1, slot + 8), "tables");
  }

  /** Reads a root whose flag is stored elsewhere. */
  private static Optional<TreeRoot> root(byte[] bytes, int flagAt, int at) {
    if (bytes[flagAt] == 0) {
      return Optional.empty();
    }
    long low = LittleEndian.int64(bytes, at + 8);
    long high = LittleEndian.int64(bytes, at + 16);
    long length = LittleEndian.int64(bytes, at + 24);
    return Optional.of(
        new TreeRoot(LittleEndian.int64(bytes, at), new Checksum(low, high), length));
  }

  /** Returns the trees of all tables, by name. */
  Map<String, Tree> trees() {
    Map<String, Tree> result = new LinkedHashMap<>();
    TreeCursor cursor = tables().cursor(null, null, false);
    while (cursor.next()) {
      byte[] array = cursor.array();
      String name =
          new String(
              array, cursor.keyOffset(), cursor.keyLength(), StandardCharsets.UTF_8);
      int at = cursor.valueOffset();
      int keyWidth = array[at + 42] == 0 ? -1 : LittleEndian.int32(array, at + 43);
      int valueWidth = array[at + 47] == 0 ? -1 : LittleEndian.int32(array, at + 48);
      KeyOrder order = keyWidth < 0 ? KeyOrder.BYTES : KeyOrder.LITTLE_ENDIAN;
      TreeFormat format = new TreeFormat(keyWidth, valueWidth, order);
      result.put(name, new Tree(this, format, root(array, at + 9, at + 10), "table " + name));
    }
    return result;
  }

  @Override
  public byte[] read(long page, Check check) {
    long pageBytes = PageNumber.bytes(page);
    long regionPages = LittleEndian.int32(file, 20);
    long headerPages = LittleEndian.int32(file, 16);
    long regionBytes = (headerPages + regionPages) * PageNumber.PAGE_BYTES;
    long from = PageNumber.PAGE_BYTES * (1 + headerPages);
    from += PageNumber.region(page) * regionBytes + PageNumber.index(page) * pageBytes;
    if (pageBytes <= 0 || from + pageBytes > file.length) {
      throw new RedbException.Corrupted("there is no page " + PageNumber.text(page));
    }
    byte[] content = Arrays.copyOfRange(file, (int) from, (int) (from + pageBytes));
    check.check(page, content);
    return content;
  }

  @Override
  public boolean isOwn(long page) {
    return false;
  }

  @Override
  public byte[] change(long page) {
    throw new UnsupportedOperationException("a sample is read-only");
  }

  @Override
  public long allocate(long bytes) {
    throw new UnsupportedOperationException("a sample is read-only");
  }

  @Override
  public void free(long page) {
    throw new UnsupportedOperationException("a sample is read-only");
  }
}
