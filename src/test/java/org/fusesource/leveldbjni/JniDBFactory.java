package org.fusesource.leveldbjni;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBFactory;
import org.iq80.leveldb.Options;

/**
 * Replaces leveldbjni's factory, which would load a native library, with the members that
 * leveldbjni's tests use. Each test sets the factory that opens its databases.
 */
public final class JniDBFactory implements DBFactory {

  /** The factory of a test before it is set. */
  public static final JniDBFactory factory = new JniDBFactory();

  private JniDBFactory() {}

  /** Encodes text as UTF-8. */
  public static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** Decodes UTF-8 text. */
  public static String asString(byte[] text) {
    return new String(text, UTF_8);
  }

  /** Does nothing: there is no native memory. */
  public static void pushMemoryPool(int bytes) {}

  /** Does nothing: there is no native memory. */
  public static void popMemoryPool() {}

  private static UnsupportedOperationException unset() {
    return new UnsupportedOperationException("The test must set its factory before it runs");
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
