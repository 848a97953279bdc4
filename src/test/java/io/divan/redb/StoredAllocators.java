package io.divan.redb;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.zip.GZIPInputStream;

/** The allocator state stored in a file that redb wrote. */
final class StoredAllocators {
  static final List<String> NAMES = List.of("regions", "churned", "quick");

  final DatabaseHeader.Opened opened;
  final List<byte[]> regions = new ArrayList<>();
  byte[] tracker = new byte[0];
  private final ByteBuffer file;

  private StoredAllocators(byte[] bytes) {
    file = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
    opened = DatabaseHeader.parse(bytes, bytes.length);
    long tables = opened.header().primary().system().orElseThrow().page();
    walk(tables, -1, this::visitTable);
  }

  static StoredAllocators of(String name) {
    return new StoredAllocators(bytes(name));
  }

  static byte[] bytes(String name) {
    String path = "/redb/allocator/" + name + ".redb.gz";
    try (InputStream in = new GZIPInputStream(StoredAllocators.class.getResourceAsStream(path))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void visitTable(byte[] name, byte[] definition) {
    if (new String(name, StandardCharsets.UTF_8).equals("allocator_state")) {
      long root = ByteBuffer.wrap(definition).order(LITTLE_ENDIAN).getLong(10);
      walk(root, 5, this::visitState);
    }
  }

  private void visitState(byte[] key, byte[] value) {
    if (key[0] == 3) {
      regions.add(value);
    } else if (key[0] == 4) {
      tracker = value;
    }
  }

  private void walk(long page, int keyWidth, BiConsumer<byte[], byte[]> visitor) {
    int at = (int) opened.header().layout().address(page);
    int count = file.getShort(at + 2);
    if (file.get(at) == 2) {
      for (int i = 0; i <= count; i++) {
        walk(file.getLong(at + 8 + 16 * (count + 1) + 8 * i), keyWidth, visitor);
      }
      return;
    }
    boolean fixed = keyWidth >= 0;
    int ends = at + 4 + (fixed ? 0 : 4 * count);
    int keys = ends + 4 * count - at;
    int values = fixed ? keys + keyWidth * count : file.getInt(at + 4 * count);
    for (int i = 0; i < count; i++) {
      int keyEnd = fixed ? keys + keyWidth : file.getInt(at + 4 + 4 * i);
      int valueEnd = file.getInt(ends + 4 * i);
      visitor.accept(
          Arrays.copyOfRange(file.array(), at + keys, at + keyEnd),
          Arrays.copyOfRange(file.array(), at + values, at + valueEnd));
      keys = keyEnd;
      values = valueEnd;
    }
  }
}
