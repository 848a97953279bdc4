package io.divan.redb;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A disk in memory that remembers what is not synced yet, fails when told to, and holds its user to
 * the rules of {@link BlockFile}: an {@link AssertionError} says that one was broken.
 *
 * <p>{@link #epochs} and {@link #current} give the disk as a crash may leave it, at any moment.
 */
final class SimulatedDisk implements BlockFile {

  /** What can fail, and is counted. */
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

  /** From which on, and how often, an operation fails. */
  private record Dial(Operation operation, long first, long times) {}

  SimulatedDisk() {
    this(Blocks.Image.EMPTY);
  }

  SimulatedDisk(Blocks.Image image) {
    this(image, List.of());
  }

  /** A disk on which these changes are not durable yet. */
  SimulatedDisk(Blocks.Image image, List<Epoch.Change> unsynced) {
    durable = image;
    file = new Blocks(image);
    for (Epoch.Change change : unsynced) {
      Epoch.apply(change, file);
      changes.add(change);
    }
  }

  /** Keeps every epoch from now on. */
  SimulatedDisk recording() {
    recording = true;
    return this;
  }

  boolean isRecording() {
    return recording;
  }

  /** The n-th such operation from now on fails, 1 being the next one, and so often. */
  void fail(Operation operation, long n, long times) {
    dial = new Dial(operation, counts.get(operation.ordinal()) + n, times);
  }

  void failNothing() {
    dial = new Dial(Operation.READ, Long.MAX_VALUE, 0);
  }

  /** There is no space beyond this length. */
  void fullFrom(long length) {
    lengthMax = length;
  }

  /** More reads than this, from now on, are one too many: somebody runs in circles. */
  void readsAtMost(long reads) {
    readsMax = count(Operation.READ) + reads;
  }

  /** How many of them there were, failed ones too. */
  long count(Operation operation) {
    return counts.get(operation.ordinal());
  }

  /** How many changes and syncs there were. */
  long position() {
    return epochFirst + changes.size();
  }

  /** What happened between syncs, the time since the last one too. */
  List<Epoch> epochs() {
    List<Epoch> all = new ArrayList<>(epochs);
    all.add(current());
    return all;
  }

  /** What happened since the last sync. */
  Epoch current() {
    return new Epoch(epochFirst, durable, changes);
  }

  /** What is there now, durable or not. */
  Blocks.Image image() {
    return file.image();
  }

  /** The same disk after its user is gone, without the faults. */
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
      // A write that fails may have done nothing, all, or a part.
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
