package io.divan.storage.sqlite.pages;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import org.sqlite.SQLiteConfig;

/** Tests the VFS with a file in memory, before it is used. */
final class VfsSelfTest {
  private static final int ROWS = 1_000;

  private VfsSelfTest() {}

  static void run(SqliteVfs vfs) {
    MemoryFile file = new MemoryFile();
    VfsBinding first = new VfsBinding(markBroken -> (name, create) -> file);
    try (Connection connection = open(vfs.bind(first));
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)");
      statement.execute("BEGIN");
      for (int i = 0; i < ROWS; i++) {
        statement.execute("INSERT INTO t VALUES (" + i + ", 'row " + i + "')");
      }
      statement.execute("COMMIT");
    } catch (SQLException e) {
      throw new IllegalStateException("a test write fails: " + e.getMessage(), e);
    }
    VfsBinding second = new VfsBinding(markBroken -> (name, create) -> file);
    try (Connection connection = open(vfs.bind(second));
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*), max(v) FROM t")) {
      if (!rows.next() || rows.getInt(1) != ROWS || !rows.getString(2).equals("row 999")) {
        throw new IllegalStateException("a test read returned wrong data");
      }
    } catch (SQLException e) {
      throw new IllegalStateException("a test read fails: " + e.getMessage(), e);
    }
    if (file.syncs == 0 || file.size() < ROWS) {
      throw new IllegalStateException("SQLite has not used the test file");
    }
  }

  private static Connection open(String vfs) throws SQLException {
    return new SQLiteConfig().createConnection("jdbc:sqlite:file:test?vfs=" + vfs);
  }

  private static final class MemoryFile implements VfsFile {
    private byte[] bytes = new byte[0];
    private int syncs;

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public boolean read(long offset, MemorySegment target) {
      target.fill((byte) 0);
      long length = Math.min(target.byteSize(), bytes.length - offset);
      if (length > 0) {
        MemorySegment.copy(
            bytes, (int) offset, target, ValueLayout.JAVA_BYTE, 0, (int) length);
      }
      return length == target.byteSize();
    }

    @Override
    public void write(long offset, MemorySegment source) {
      long end = offset + source.byteSize();
      bytes = Arrays.copyOf(bytes, (int) Math.max(bytes.length, end));
      MemorySegment.copy(
          source, ValueLayout.JAVA_BYTE, 0, bytes, (int) offset, (int) source.byteSize());
    }

    @Override
    public void truncate(long size) {
      bytes = Arrays.copyOf(bytes, (int) size);
    }

    @Override
    public void sync() {
      syncs++;
    }

    @Override
    public void commit() {
      // The test has only one reader.
    }

    @Override
    public Locked lock(Lock wanted) {
      return Locked.YES;
    }

    @Override
    public boolean isReserved() {
      return false;
    }

    @Override
    public void unlock(Lock kept) {
      // The test has only one writer.
    }

    @Override
    public void close() {
      // The test opens it again.
    }
  }
}
