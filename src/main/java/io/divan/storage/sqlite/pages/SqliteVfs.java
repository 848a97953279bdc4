package io.divan.storage.sqlite.pages;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.divan.storage.StorageException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;

/**
 * A VFS through which SQLite, in the unmodified sqlite-jdbc library, uses files of this process.
 * Thread-safe.
 *
 * <p>That library does not export {@code sqlite3_vfs_register}, but it is not needed. The first
 * field of {@code struct sqlite3} points to the connection's {@code sqlite3_vfs}, a public struct
 * and an element of the list of all VFSes. New elements are linked in after the default one. They
 * are copies of it, except for the functions that open and name files and those of files, which are
 * upcalls ({@link VfsUpcalls}). Files other than databases, such as those used for sorting, are
 * left to the default VFS.
 *
 * <ol>
 *   <li>Each connection has a VFS of its own, a slot, which identifies the connection when it
 *       attaches a file. Slots are created on demand, at most {@value #SLOTS_MAX}, and reused; they
 *       are never unlinked or freed.
 *   <li>Structs are complete before they are linked in.
 * </ol>
 *
 * @see <a href="https://sqlite.org/c3ref/vfs.html">struct sqlite3_vfs</a>
 */
@SuppressWarnings("restricted") // VfsSelfTest checks what the pointers refer to
final class SqliteVfs {
  static final int SLOTS_MAX = 1_024;

  private static final String NAME = "divan";

  // Offsets in struct sqlite3_vfs with pointers of 8 bytes.
  private static final long VERSION = 0;
  private static final long FILE_BYTES = 4;
  private static final long PATH_MAX = 8;
  private static final long NEXT = 16;
  private static final long VFS_NAME = 24;
  private static final long APP_DATA = 32;
  private static final long OPEN = 40;
  private static final long DELETE = 48;
  private static final long ACCESS = 56;
  private static final long FULL_PATHNAME = 64;
  private static final long BYTES_VERSION_2 = 144;

  private static final int NAME_BYTES_MAX = 512;
  private static final int NAMES_LOOKED_AT = 64;

  private static @Nullable SqliteVfs instance;
  private static final ReentrantLock STARTING = new ReentrantLock();

  private final MemorySegment original;
  private final MethodHandle originalOpen;
  private final VfsUpcalls upcalls;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private final AtomicReferenceArray<@Nullable VfsBinding> bindings =
      new AtomicReferenceArray<>(SLOTS_MAX);
  private int slots;

  /**
   * The VFS of this process, which the first call tests.
   *
   * @throws StorageException.StoreUnusable if it does not work; the message names the remedy
   */
  static SqliteVfs get() {
    STARTING.lock();
    try {
      if (instance == null) {
        SqliteVfs started = start();
        VfsSelfTest.run(started);
        instance = started;
      }
      return instance;
    } catch (RuntimeException | LinkageError e) {
      throw unusable(e.getMessage() == null ? e.toString() : e.getMessage(), e);
    } finally {
      STARTING.unlock();
    }
  }

  private static StorageException unusable(String why, Throwable cause) {
    String problem = "SQLite cannot keep its pages in another store here";
    String action =
        ": use a 64-bit JVM with --enable-native-access=ALL-UNNAMED, and the version of"
            + " org.xerial:sqlite-jdbc that Divan was built with";
    return new StorageException.StoreUnusable(
        problem + " (" + why + ")" + action, problem + action, cause);
  }

  private static SqliteVfs start() {
    if (ADDRESS.byteSize() != Long.BYTES) {
      throw new IllegalStateException("pointers have " + ADDRESS.byteSize() + " bytes");
    }
    SQLiteConfig config = new SQLiteConfig();
    try (Connection any = config.createConnection("jdbc:sqlite::memory:")) {
      return new SqliteVfs(defaultVfs(any.unwrap(SQLiteConnection.class)));
    } catch (SQLException e) {
      throw new IllegalStateException("SQLite cannot be opened: " + e.getMessage(), e);
    }
  }

  /** The connection's VFS, which is the default one. */
  private static MemorySegment defaultVfs(SQLiteConnection connection) throws SQLException {
    long handle;
    try {
      Field pointer = Class.forName("org.sqlite.core.NativeDB").getDeclaredField("pointer");
      pointer.setAccessible(true);
      handle = pointer.getLong(connection.getDatabase());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("sqlite-jdbc's connection has no pointer", e);
    }
    MemorySegment vfs =
        MemorySegment.ofAddress(handle)
            .reinterpret(ADDRESS.byteSize())
            .get(ADDRESS, 0)
            .reinterpret(BYTES_VERSION_2);
    String name = string(vfs.get(ADDRESS, VFS_NAME), NAMES_LOOKED_AT);
    int version = vfs.get(JAVA_INT, VERSION);
    int pathMax = vfs.get(JAVA_INT, PATH_MAX);
    boolean known = name.equals("unix") || name.equals("win32");
    if (!known || version < 2 || version > 3 || pathMax < NAMES_LOOKED_AT) {
      throw new IllegalStateException(
          "its default VFS is \"" + name + "\" of version " + version);
    }
    return vfs;
  }

  static String string(MemorySegment address, int bytesMax) {
    return address.reinterpret(bytesMax).getString(0);
  }

  private SqliteVfs(MemorySegment original) {
    this.original = original;
    this.originalOpen =
        Linker.nativeLinker()
            .downcallHandle(
                original.get(ADDRESS, OPEN),
                FunctionDescriptor.of(
                    JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS));
    this.upcalls = new VfsUpcalls(this);
  }

  /** The binding of the connection that uses a VFS. */
  @Nullable
  VfsBinding binding(MemorySegment vfs) {
    long slot = vfs.reinterpret(BYTES_VERSION_2).get(ADDRESS, APP_DATA).address();
    return slot >= 1 && slot <= SLOTS_MAX ? bindings.get((int) slot - 1) : null;
  }

  /** Opens a file that is not a database, through SQLite's default VFS. */
  int openOriginal(MemorySegment name, MemorySegment file, int flags, MemorySegment outFlags)
      throws Throwable {
    return (int) originalOpen.invokeExact(original, name, file, flags, outFlags);
  }

  /**
   * Returns the name of a VFS for one connection. It is released when the connection closes its
   * last file.
   *
   * @throws StorageException.StoreUnavailable if there are too many connections
   */
  String bind(VfsBinding binding) {
    lock.lock();
    try {
      Integer slot = free.poll();
      if (slot == null) {
        if (slots == SLOTS_MAX) {
          throw new StorageException.StoreUnavailable(
              "The limit of " + SLOTS_MAX + " connections to SQLite's pages is reached");
        }
        slot = slots++;
        bindings.set(slot, binding);
        link(slot);
      }
      bindings.set(slot, binding);
      return NAME + slot;
    } finally {
      lock.unlock();
    }
  }

  /** Releases a VFS, unless it was released before. */
  void unbind(VfsBinding binding) {
    lock.lock();
    try {
      for (int slot = 0; slot < slots; slot++) {
        if (bindings.compareAndSet(slot, binding, null)) {
          free.push(slot);
          return;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void link(int slot) {
    Arena arena = Arena.global();
    MemorySegment vfs = arena.allocate(BYTES_VERSION_2, Long.BYTES);
    MemorySegment.copy(original, 0, vfs, 0, BYTES_VERSION_2);
    vfs.set(JAVA_INT, VERSION, 2);
    vfs.set(
        JAVA_INT,
        FILE_BYTES,
        Math.max(VfsUpcalls.FILE_BYTES, original.get(JAVA_INT, FILE_BYTES)));
    vfs.set(JAVA_INT, PATH_MAX, NAME_BYTES_MAX);
    vfs.set(ADDRESS, VFS_NAME, arena.allocateFrom(NAME + slot));
    vfs.set(ADDRESS, APP_DATA, MemorySegment.ofAddress(slot + 1));
    vfs.set(ADDRESS, OPEN, upcalls.open());
    vfs.set(ADDRESS, DELETE, upcalls.delete());
    vfs.set(ADDRESS, ACCESS, upcalls.access());
    vfs.set(ADDRESS, FULL_PATHNAME, upcalls.fullPathname());
    vfs.set(ADDRESS, NEXT, original.get(ADDRESS, NEXT));
    VarHandle.fullFence();
    VarHandle next = ValueLayout.ADDRESS.varHandle();
    next.setRelease(original, NEXT, vfs);
  }
}
