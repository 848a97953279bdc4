package io.divan.document.revision;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A revision and its known ancestors, newest first and without gaps. The first id belongs to {@code
 * position}, and each following id to the position below. Callers must not modify the arrays.
 */
public final class RevisionPath {

  /**
   * The maximum size of the ids on one path, in bytes. It keeps a leaf's row within the size limit
   * of a value. Each id counts {@value #ID_OVERHEAD} bytes extra for its length.
   */
  public static final int BYTES_MAX = 90_000;

  private static final int ID_OVERHEAD = 2;

  private final long position;
  private final byte[][] ids;

  public RevisionPath(long position, byte[]... ids) {
    if (ids.length == 0 || ids.length > position) {
      throw new IllegalArgumentException(
          "A path of position " + position + " cannot have " + ids.length + " revisions");
    }
    this.position = position;
    this.ids = ids;
  }

  public static RevisionPath of(Revision... revisions) {
    byte[][] ids = new byte[revisions.length][];
    for (int i = 0; i < revisions.length; i++) {
      ids[i] = revisions[i].id();
    }
    return new RevisionPath(revisions[0].position(), ids);
  }

  public long position() {
    return position;
  }

  public int length() {
    return ids.length;
  }

  /** The position of the oldest known revision. */
  public long lowest() {
    return position - ids.length + 1;
  }

  public byte[] id(int index) {
    return ids[index];
  }

  public Revision head() {
    return revision(0);
  }

  public Revision revision(int index) {
    return new Revision(position - index, ids[index]);
  }

  public List<Revision> revisions() {
    List<Revision> revisions = new ArrayList<>(ids.length);
    for (int i = 0; i < ids.length; i++) {
      revisions.add(revision(i));
    }
    return revisions;
  }

  /** Whether the path reaches position 1, so that no ancestor is missing. */
  public boolean reachesFirst() {
    return ids.length == position;
  }

  public boolean contains(Revision revision) {
    long index = position - revision.position();
    return index >= 0 && index < ids.length && Arrays.equals(ids[(int) index], revision.id());
  }

  /** Returns the part of this path that starts at one of its revisions. */
  public RevisionPath from(Revision revision) {
    int index = (int) (position - revision.position());
    return index == 0
        ? this
        : new RevisionPath(revision.position(), Arrays.copyOfRange(ids, index, ids.length));
  }

  /** Returns this path with a new head. */
  public RevisionPath extendedBy(byte[] id) {
    byte[][] extended = new byte[ids.length + 1][];
    extended[0] = id;
    System.arraycopy(ids, 0, extended, 1, ids.length);
    return new RevisionPath(position + 1, extended);
  }

  /**
   * Returns the newest {@code limit} revisions, or fewer if they would exceed {@link #BYTES_MAX}.
   */
  public RevisionPath stemmed(int limit) {
    int kept = 0;
    int bytes = 0;
    while (kept < ids.length && kept < limit) {
      bytes += ids[kept].length + ID_OVERHEAD;
      if (bytes > BYTES_MAX) {
        break;
      }
      kept++;
    }
    return kept == ids.length ? this : new RevisionPath(position, Arrays.copyOf(ids, kept));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RevisionPath path
        && position == path.position
        && Arrays.deepEquals(ids, path.ids);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(position) * 31 + Arrays.deepHashCode(ids);
  }

  @Override
  public String toString() {
    return revisions().toString();
  }
}
