package io.divan.storage.sqlite.pages;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.divan.storage.StorageException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The functions that SQLite calls on a VFS and its files. An exception thrown out of an upcall
 * would end the JVM. So each function catches everything, records the exception for the connection,
 * and returns an error code. Thread-safe.
 *
 * @see <a href="https://sqlite.org/c3ref/io_methods.html">struct sqlite3_io_methods</a>
 */
// restricted: SQLite specifies the sizes of the memory it points to. Unused...: SQLite calls the
// methods, which VfsTable finds by name, with all parameters of its interface.
@SuppressWarnings({"restricted", "UnusedMethod", "UnusedVariable"})
final class VfsUpcalls {

  /** The size of an open file's struct: a pointer to its methods, and its number here. */
  static final int FILE_BYTES = 16;

  private static final long FILE_NUMBER = 8;

  // https://sqlite.org/rescode.html
  private static final int OK = 0;
  private static final int BUSY = 5;
  private static final int CORRUPT = 11;
  private static final int NOT_FOUND = 12;
  private static final int FULL = 13;
  private static final int CANNOT_OPEN = 14;
  private static final int IO_READ = 266;
  private static final int BUSY_SNAPSHOT = 517;
  private static final int IO_SHORT_READ = 522;
  private static final int IO_WRITE = 778;
  private static final int IO_SYNC = 1_034;
  private static final int IO_TRUNCATE = 1_546;
  private static final int IO_SIZE = 1_802;
  private static final int IO_UNLOCK = 2_058;
  private static final int IO_CHECK_RESERVED = 3_594;
  private static final int IO_LOCK = 3_850;
  private static final int IO_CLOSE = 4_106;

  // https://sqlite.org/c3ref/c_open_autoproxy.html
  private static final int OPEN_CREATE = 0x4;
  private static final int OPEN_MEMORY = 0x80;
  private static final int OPEN_MAIN_DB = 0x100;
  private static final int OPEN_OTHER_JOURNALS = 0x800 | 0x4000 | 0x80000;

  // https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html
  private static final int CONTROL_PRAGMA = 14;
  private static final int CONTROL_SYNC = 21;
  private static final int CONTROL_COMMIT_PHASE_TWO = 22;

  /** Writing bytes does not change other bytes of the file, even after a crash. */
  private static final int POWERSAFE_OVERWRITE = 0x1000;

  private static final int NAME_BYTES_MAX = 512;

  private static final Linker LINKER = Linker.nativeLinker();

  private record Open(VfsFile file, VfsBinding binding) {}

  private final SqliteVfs vfs;
  private final Map<Long, Open> files = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final MemorySegment methods;

  VfsUpcalls(SqliteVfs vfs) {
    this.vfs = vfs;
    this.methods = methods();
  }

  private MemorySegment methods() {
    MemorySegment[] functions = {
      stub("close", ADDRESS),
      stub("read", ADDRESS, ADDRESS, JAVA_INT, JAVA_LONG),
      stub("write", ADDRESS, ADDRESS, JAVA_INT, JAVA_LONG),
      stub("truncate", ADDRESS, JAVA_LONG),
      stub("sync", ADDRESS, JAVA_INT),
      stub("size", ADDRESS, ADDRESS),
      stub("lock", ADDRESS, JAVA_INT),
      stub("unlock", ADDRESS, JAVA_INT),
      stub("checkReserved", ADDRESS, ADDRESS),
      stub("control", ADDRESS, JAVA_INT, ADDRESS),
      stub("sectorBytes", ADDRESS),
      stub("characteristics", ADDRESS)
    };
    long pointer = ADDRESS.byteSize();
    MemorySegment struct = Arena.global().allocate(pointer * (1 + functions.length), pointer);
    struct.set(JAVA_INT, 0, 1); // version 1: no shared memory, so no write-ahead log; no mmap
    for (int i = 0; i < functions.length; i++) {
      struct.set(ADDRESS, pointer * (1 + i), functions[i]);
    }
    return struct;
  }

  private MemorySegment stub(String method, MemoryLayout... parameters) {
    FunctionDescriptor function = FunctionDescriptor.of(JAVA_INT, parameters);
    try {
      return LINKER.upcallStub(
          MethodHandles.lookup()
              .bind(this, method, function.toMethodType()),
          function,
          Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  MemorySegment open() {
    return stub("openFile", ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
  }

  MemorySegment delete() {
    return stub("deleteFile", ADDRESS, ADDRESS, JAVA_INT);
  }

  MemorySegment access() {
    return stub("accessFile", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
  }

  MemorySegment fullPathname() {
    return stub("fullName", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
  }

  /**
   * xOpen: opens databases here, and temporary files in the default VFS; journals are in memory.
   */
  private int openFile(
      MemorySegment of, MemorySegment name, MemorySegment file, int flags, MemorySegment out) {
    VfsBinding binding = null;
    try {
      MemorySegment struct = file.reinterpret(FILE_BYTES);
      struct.set(ADDRESS, 0, MemorySegment.NULL); // SQLite must not close it unless this succeeds
      if ((flags & OPEN_OTHER_JOURNALS) != 0) {
        return CANNOT_OPEN;
      }
      if ((flags & OPEN_MAIN_DB) == 0) {
        return vfs.openOriginal(name, file, flags, out);
      }
      binding = vfs.binding(of);
      if (binding == null || name.address() == 0) {
        return CANNOT_OPEN;
      }
      VfsFile opened =
          binding.open(SqliteVfs.string(name, NAME_BYTES_MAX), (flags & OPEN_CREATE) != 0);
      long number = numbers.incrementAndGet();
      files.put(number, new Open(opened, binding));
      struct.set(JAVA_LONG, FILE_NUMBER, number);
      struct.set(ADDRESS, 0, methods);
      if (out.address() != 0) {
        // Like a file in memory, so that SQLite also keeps the journal in memory.
        out.reinterpret(Integer.BYTES).set(JAVA_INT, 0, flags | OPEN_MEMORY);
      }
      return OK;
    } catch (Throwable e) {
      if (binding != null) {
        binding.recordFailure(e);
      }
      return CANNOT_OPEN;
    }
  }

  /** xDelete: no effect, because there are no journals. */
  private int deleteFile(MemorySegment of, MemorySegment name, int syncDirectory) {
    return OK;
  }

  /** xAccess: no file exists, because there are no journals. */
  private int accessFile(
      MemorySegment of, MemorySegment name, int flags, MemorySegment result) {
    try {
      result.reinterpret(Integer.BYTES).set(JAVA_INT, 0, 0);
      return OK;
    } catch (Throwable e) {
      return CANNOT_OPEN;
    }
  }

  /** xFullPathname: returns the name unchanged. */
  private int fullName(MemorySegment of, MemorySegment name, int bytesMax, MemorySegment out) {
    try {
      String text = SqliteVfs.string(name, NAME_BYTES_MAX);
      if (text.length() >= bytesMax) {
        return CANNOT_OPEN;
      }
      out.reinterpret(bytesMax).setString(0, text);
      return OK;
    } catch (Throwable e) {
      return CANNOT_OPEN;
    }
  }

  private Open file(MemorySegment file) {
    Open open = files.get(file.reinterpret(FILE_BYTES).get(JAVA_LONG, FILE_NUMBER));
    if (open == null) {
      throw new IllegalStateException("The file is closed");
    }
    return open;
  }

  /** Records the failure, and returns the error code for SQLite. */
  private static int failed(@Nullable Open open, Throwable e, int code) {
    if (open != null) {
      open.binding().recordFailure(e);
    }
    return switch (e) {
      case StorageException.StoreFull full -> FULL;
      case StorageException.StoreCorrupt corrupt -> CORRUPT;
      default -> code;
    };
  }

  private int close(MemorySegment file) {
    Open open = null;
    try {
      open = file(file);
      files.remove(file.reinterpret(FILE_BYTES).get(JAVA_LONG, FILE_NUMBER));
      try {
        open.file().close();
      } finally {
        if (open.binding().closed()) {
          vfs.unbind(open.binding());
        }
      }
      return OK;
    } catch (Throwable e) {
      return failed(open, e, IO_CLOSE);
    }
  }

  private int read(MemorySegment file, MemorySegment target, int bytes, long offset) {
    Open open = null;
    try {
      open = file(file);
      return open.file().read(offset, target.reinterpret(bytes)) ? OK : IO_SHORT_READ;
    } catch (Throwable e) {
      return failed(open, e, IO_READ);
    }
  }

  private int write(MemorySegment file, MemorySegment source, int bytes, long offset) {
    Open open = null;
    try {
      open = file(file);
      open.file().write(offset, source.reinterpret(bytes));
      return OK;
    } catch (Throwable e) {
      return failed(open, e, IO_WRITE);
    }
  }

  private int truncate(MemorySegment file, long size) {
    Open open = null;
    try {
      open = file(file);
      open.file().truncate(size);
      return OK;
    } catch (Throwable e) {
      return failed(open, e, IO_TRUNCATE);
    }
  }

  private int sync(MemorySegment file, int flags) {
    Open open = null;
    try {
      open = file(file);
      open.file().sync();
      return OK;
    } catch (Throwable e) {
      return failed(open, e, IO_SYNC);
    }
  }

  private int size(MemorySegment file, MemorySegment out) {
    Open open = null;
    try {
      open = file(file);
      out.reinterpret(Long.BYTES).set(JAVA_LONG, 0, open.file().size());
      return OK;
    } catch (Throwable e) {
      return failed(open, e, IO_SIZE);
    }
  }

  private int lock(MemorySegment file, int level) {
    Open open = null;
    try {
      open = file(file);
      return switch (open.file().lock(VfsFile.Lock.values()[level])) {
        case YES -> OK;
        case BUSY -> BUSY;
        case STALE -> BUSY_SNAPSHOT;
      };
    } catch (Throwable e) {
      return failed(open, e, IO_LOCK);
    }
  }

  private int unlock(MemorySegment file, int level) {
    Open open = null;
    try {
      open = file(file);
      open.file().unlock(VfsFile.Lock.values()[level]);
      return OK;
    } catch (Throwable e) {
      return failed(open, e, IO_UNLOCK);
    }
  }

  private int checkReserved(MemorySegment file, MemorySegment out) {
    Open open = null;
    try {
      open = file(file);
      int reserved = open.file().isReserved() ? 1 : 0;
      out.reinterpret(Integer.BYTES).set(JAVA_INT, 0, reserved);
      return OK;
    } catch (Throwable e) {
      return failed(open, e, IO_CHECK_RESERVED);
    }
  }

  /** xFileControl: SQLite reports the steps of a commit here, even with syncs turned off. */
  private int control(MemorySegment file, int operation, MemorySegment argument) {
    Open open = null;
    try {
      open = file(file);
      switch (operation) {
        case CONTROL_SYNC -> open.file().sync();
        case CONTROL_COMMIT_PHASE_TWO -> open.file().commit();
        case CONTROL_PRAGMA -> {
          return pragma(argument);
        }
        default -> {
          return NOT_FOUND;
        }
      }
      return OK;
    } catch (Throwable e) {
      return failed(open, e, IO_SYNC);
    }
  }

  /**
   * Handles a pragma before SQLite does. Modes that these files do not support (a journal outside
   * memory, permanent locks) are overwritten in SQLite's own copy of the value. SQLite then changes
   * nothing, and returns the mode in effect.
   *
   * @return not found, so that SQLite executes the pragma as it reads now; or OK, so that it does
   *     nothing
   */
  private static int pragma(MemorySegment argument) {
    MemorySegment strings = argument.reinterpret(3 * ADDRESS.byteSize());
    MemorySegment value = strings.get(ADDRESS, 2 * ADDRESS.byteSize());
    if (value.address() == 0) {
      return NOT_FOUND;
    }
    MemorySegment name = strings.get(ADDRESS, ADDRESS.byteSize());
    if (is(name, "journal_mode")) {
      return journalMode(value);
    }
    if (is(name, "locking_mode") && is(value, "exclusive")) {
      value.reinterpret("exclusive".length()).setString(0, "normal");
    }
    return NOT_FOUND;
  }

  /** SQLite takes an unknown mode for a query of the mode, but an empty one for the first mode. */
  private static int journalMode(MemorySegment value) {
    if (is(value, "")) {
      return OK;
    }
    if (!is(value, "memory")) {
      value.reinterpret(1).set(JAVA_BYTE, 0, (byte) '-');
    }
    return NOT_FOUND;
  }

  /** Whether a string equals this one, ignoring case. Reads no byte beyond its end. */
  private static boolean is(MemorySegment address, String lowerCase) {
    MemorySegment text = address.reinterpret(lowerCase.length() + 1);
    for (int i = 0; i < lowerCase.length(); i++) {
      if (Character.toLowerCase((char) text.get(JAVA_BYTE, i)) != lowerCase.charAt(i)) {
        return false;
      }
    }
    return text.get(JAVA_BYTE, lowerCase.length()) == 0;
  }

  private int sectorBytes(MemorySegment file) {
    return StoreLayout.PAGE_BYTES;
  }

  private int characteristics(MemorySegment file) {
    return POWERSAFE_OVERWRITE;
  }
}
