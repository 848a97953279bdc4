package io.divan.redb;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * An in-memory disk that tracks unsynced changes, injects faults on request and enforces the
 * contract of {@link BlockFile} with {@link AssertionError}.
 *
 * <p>{@link #epochs} and {@link #current} return the states of the disk that a crash may leave, at
 * any moment.
 */
final class SimulatedDisk implements BlockFile {

  /** Operations that are counted and can fail. */
  enum Operation {
    READ,
    WRITE,
    SYNC,
    EXTEND,
    SHRINK
  }

  private final Blocks file;
  private final List<Epoch.Change> changes = new ArrayList<>();
  private final List<Epoch> epochs = new ArrayList<>();
  private final AtomicLongArray counts = new AtomicLongArray(Operation.values().length);
  private final AtomicBoolean busy = new AtomicBoolean();
  private Blocks.Image durable;
  private long epochFirst;
  private boolean recording;
  private volatile boolean closed;
  private volatile Dial dial = new Dial(Operation.READ, Long.MAX_VALUE, 0);
  private volatile long lengthMax = Integer.MAX_VALUE;
  private volatile long readsMax = Long.MAX_VALUE;

  /** The operation that fails, the number of its first failure, and how many times it fails. */
  private record Dial(Operation operation, long first, long times) {}

  SimulatedDisk() {
    this(Blocks.Image.EMPTY);
  }

  SimulatedDisk(Blocks.Image image) {
    this(image, List.of());
  }

  /** Creates a disk with changes that are not durable yet. */
  SimulatedDisk(Blocks.Image image, List<Epoch.Change> unsynced) {
    durable = image;
    file = new Blocks(image);
    for (Epoch.Change change : unsynced) {
      Epoch.apply(change, file);
      changes.add(change);
    }
  }

  /** Records every epoch from now on. */
  SimulatedDisk recording() {
    recording = true;
    return this;
  }

  boolean isRecording() {
    return recording;
  }

  /**
   * Makes the n-th such operation from now on fail, and those after it, {@code times} times in all;
   * 1 is the next one.
   */
  void fail(Operation operation, long n, long times) {
    dial = new Dial(operation, counts.get(operation.ordinal()) + n, times);
  }

  void failNothing() {
    dial = new Dial(Operation.READ, Long.MAX_VALUE, 0);
  }

  /** Makes the disk full beyond this length. */
  void fullFrom(long length) {
    lengthMax = length;
  }

  /** Limits the number of reads from now on; more reads indicate an endless loop. */
  void readsAtMost(long reads) {
    readsMax = count(Operation.READ) + reads;
  }

  /** Returns the number of such operations so far, including failed ones. */
  long count(Operation operation) {
    return counts.get(operation.ordinal());
  }

  /** Returns the number of changes and syncs so far. */
  long position() {
    return epochFirst + changes.size();
  }

  /** Returns all epochs, including the current one. */
  List<Epoch> epochs() {
    List<Epoch> all = new ArrayList<>(epochs);
    all.add(current());
    return all;
  }

  /** Returns the changes since the last sync. */
  Epoch current() {
    return new Epoch(epochFirst, durable, changes);
  }

  /** Returns the current content, durable or not. */
  Blocks.Image image() {
    return file.image();
  }

  /** Returns the same disk without faults, for a new user. */
  SimulatedDisk reopened() {
    return new SimulatedDisk(durable, changes);
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public long length() throws IOException {
    checkOpen();
    return file.length();
  }

  @Override
  public void read(long position, byte[] target, int offset, int count) throws IOException {
    checkOpen();
    if (count > file.length() && count > 2 * Blocks.BYTES) {
      throw new AssertionError("read " + count + " bytes of a file of " + file.length());
    }
    if (count(Operation.READ) >= readsMax) {
      throw new AssertionError("too many reads");
    }
    if (fails(Operation.READ)) {
      throw new IOException("simulated: read failed");
    }
    file.read(position, target, offset, count);
  }

  @Override
  public void write(long position, byte[] source, int offset, int count) throws IOException {
    enter();
    try {
      if (position < 0 || position + count > file.length()) {
        throw new AssertionError("write beyond the end: " + position + " + " + count);
      }
      boolean fails = fails(Operation.WRITE);
      // A failed write may have written nothing, everything or a part.
      int done = fails ? (int) (count * (count(Operation.WRITE) % 3) / 2) : count;
      byte[] bytes = new byte[done];
      System.arraycopy(source, offset, bytes, 0, done);
      note(new Epoch.Change.Write(position, bytes));
      if (fails) {
        throw new IOException("simulated: write failed");
      }
    } finally {
      busy.set(false);
    }
  }

  @Override
  public void setLength(long length) throws IOException {
    enter();
    try {
      long before = file.length();
      if (length == before) {
        return;
      }
      boolean fails = fails(length > before ? Operation.EXTEND : Operation.SHRINK);
      if (length > before && (fails || length > lengthMax)) {
        throw new IOException("No space left on device");
      }
      if (fails) {
        throw new IOException("simulated: truncation failed");
      }
      note(new Epoch.Change.Length(before, length));
    } finally {
      busy.set(false);
    }
  }

  @Override
  public void sync() throws IOException {
    enter();
    try {
      if (fails(Operation.SYNC)) {
        throw new IOException("simulated: sync failed");
      }
      if (recording) {
        epochs.add(current());
      }
      epochFirst = position() + 1;
      changes.clear();
      durable = file.image();
    } finally {
      busy.set(false);
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private void note(Epoch.Change change) {
    Epoch.apply(change, file);
    changes.add(change);
  }

  private boolean fails(Operation operation) {
    long n = counts.incrementAndGet(operation.ordinal());
    Dial now = dial;
    return now.operation == operation && n >= now.first && n - now.first < now.times;
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new EOFException("closed");
    }
  }

  private void enter() throws IOException {
    checkOpen();
    if (!busy.compareAndSet(false, true)) {
      throw new AssertionError("two threads change the file at once");
    }
  }
}
