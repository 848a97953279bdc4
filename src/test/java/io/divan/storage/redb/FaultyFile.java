package io.divan.storage.redb;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;

/** A file with dials for what fails. The operating system reports a full disk in German. */
final class FaultyFile extends RawFile {
  private static final String FULL = "Auf dem Gerät ist kein Speicherplatz mehr verfügbar";

  /** Shared by all openings of a file. */
  static final class Dials {
    /** No extension beyond so many bytes. */
    volatile long lengthMax = Long.MAX_VALUE;

    /** Whether there is no space for anything that is written. */
    volatile BooleanSupplier full = () -> false;

    volatile boolean readsFail;
    volatile boolean writesFail;
    volatile boolean syncsFail;

    /** How many openings are not closed. */
    volatile int open;

    /** How often it was synced. */
    volatile int syncs;

    void allWell() {
      lengthMax = Long.MAX_VALUE;
      full = () -> false;
      readsFail = false;
      writesFail = false;
      syncsFail = false;
    }
  }

  private final Dials dials;

  FaultyFile(Path file, Dials dials) throws IOException {
    super(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    this.dials = dials;
    synchronized (dials) {
      if (dials.open > 0) {
        throw new IOException("It is open");
      }
      dials.open++;
    }
  }

  private static void fail(boolean fails) throws IOException {
    if (fails) {
      throw new IOException("The disk fails");
    }
  }

  @Override
  public void read(long position, byte[] target, int offset, int count) throws IOException {
    fail(dials.readsFail);
    super.read(position, target, offset, count);
  }

  @Override
  public void write(long position, byte[] source, int offset, int count) throws IOException {
    fail(dials.writesFail);
    if (dials.full.getAsBoolean()) {
      throw new IOException(FULL);
    }
    super.write(position, source, offset, count);
  }

  @Override
  public void setLength(long length) throws IOException {
    if (length > dials.lengthMax && length > length()) {
      throw new IOException(FULL);
    }
    super.setLength(length);
  }

  @Override
  public long usableBytes() {
    return dials.full.getAsBoolean() || dials.lengthMax < Long.MAX_VALUE ? 0 : Long.MAX_VALUE;
  }

  @Override
  public void sync() throws IOException {
    fail(dials.syncsFail);
    dials.syncs++;
    super.sync();
  }

  @Override
  public void close() throws IOException {
    super.close();
    synchronized (dials) {
      dials.open--;
    }
  }
}
