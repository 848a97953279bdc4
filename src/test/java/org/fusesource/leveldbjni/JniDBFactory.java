package org.fusesource.leveldbjni;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBFactory;
import org.iq80.leveldb.Options;

/**
 * In the place of leveldbjni's factory, which would load its native library: what leveldbjni's
 * tests use of it. What opens databases is set in each of these tests.
 */
public final class JniDBFactory implements DBFactory {

  /** What the tests have until they are given another. */
  public static final JniDBFactory factory = new JniDBFactory();

  private JniDBFactory() {}

  /** UTF-8. */
  public static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** UTF-8. */
  public static String asString(byte[] text) {
    return new String(text, UTF_8);
  }

  /** Of native memory, of which there is none. */
  public static void pushMemoryPool(int bytes) {}

  /** Of native memory, of which there is none. */
  public static void popMemoryPool() {}

  private static UnsupportedOperationException unset() {
    return new UnsupportedOperationException("A test's factory is set before it runs");
  }

  @Override
  public DB open(File path, Options options) {
    throw unset();
  }

  @Override
  public void destroy(File path, Options options) {
    throw unset();
  }

  @Override
  public void repair(File path, Options options) {
    throw unset();
  }
}
