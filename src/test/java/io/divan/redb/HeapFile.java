package io.divan.redb;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An in-memory file that records calls and fails on request. */
final class HeapFile implements BlockFile {
  final List<String> calls = new ArrayList<>();
  String failing = "";
  String message = "broken";
  long usableBytes = Long.MAX_VALUE;
  int reads;
  private byte[] bytes;

  HeapFile(long length) {
    bytes = new byte[(int) length];
  }

  private void enter(String call) throws IOException {
    if (call.equals(failing)) {
      throw new IOException(message);
    }
  }

  synchronized byte[] bytes(long position, int count) {
    return Arrays.copyOfRange(bytes, (int) position, (int) position + count);
  }

  @Override
  public synchronized long length() throws IOException {
    enter("length");
    return bytes.length;
  }

  @Override
  public synchronized void read(long position, byte[] target, int offset, int count)
      throws IOException {
    enter("read");
    reads++;
    if (position + count > bytes.length) {
      throw new EOFException();
    }
    System.arraycopy(bytes, (int) position, target, offset, count);
  }

  @Override
  public synchronized void write(long position, byte[] source, int offset, int count)
      throws IOException {
    enter("write");
    if (position + count > bytes.length) {
      throw new IllegalArgumentException("a write beyond the end");
    }
    System.arraycopy(source, offset, bytes, (int) position, count);
    calls.add("write " + position + " " + count);
  }

  @Override
  public synchronized void setLength(long length) throws IOException {
    enter("setLength");
    if (failing.equals("half of setLength")) {
      failing = "";
      bytes = Arrays.copyOf(bytes, (int) (bytes.length + length) / 2);
      throw new IOException(message);
    }
    bytes = Arrays.copyOf(bytes, (int) length);
    calls.add("length " + length);
  }

  @Override
  public long usableBytes() {
    return usableBytes;
  }

  @Override
  public synchronized void writeBehind() throws IOException {
    enter("writeBehind");
    calls.add("behind");
  }

  @Override
  public synchronized void sync() throws IOException {
    enter("sync");
    calls.add("sync");
  }

  @Override
  public void close() {
    calls.add("close");
  }
}
