package io.divan.api.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request body that can be read more than once. A body larger than a limit is kept in a temporary
 * file, which {@link #close} deletes.
 */
public final class SpooledBody implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpooledBody.class);
  private static final int CHUNK_BYTES = 1 << 16;

  private final byte[] memory;
  private final Optional<Path> file;

  private SpooledBody(byte[] memory, Optional<Path> file) {
    this.memory = memory;
    this.file = file;
  }

  static SpooledBody read(InputStream in, int memoryBytesMax) throws IOException {
    byte[] start = in.readNBytes(memoryBytesMax);
    int next = start.length < memoryBytesMax ? -1 : in.read();
    if (next < 0) {
      return new SpooledBody(start, Optional.empty());
    }
    Path file = Files.createTempFile("divan-", ".body");
    try (OutputStream out = Files.newOutputStream(file)) {
      write(out, start, start.length);
      byte[] chunk = new byte[CHUNK_BYTES];
      chunk[0] = (byte) next;
      int count = 1;
      while (count >= 0) {
        write(out, chunk, count);
        count = in.read(chunk);
      }
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    return new SpooledBody(new byte[0], Optional.of(file));
  }

  /** Writes to the temporary file. A failure is the server's fault, unlike one of a read. */
  private static void write(OutputStream out, byte[] bytes, int count) {
    try {
      out.write(bytes, 0, count);
    } catch (IOException e) {
      LOG.error("Failed to write a temporary file: free some space in java.io.tmpdir", e);
      throw new ApiException(
          507, "insufficient_storage", "There is no space for the request's body.");
    }
  }

  public boolean isInMemory() {
    return file.isEmpty();
  }

  public InputStream open() throws IOException {
    return file.isPresent()
        ? new BufferedInputStream(Files.newInputStream(file.get()), 1 << 16)
        : new ByteArrayInputStream(memory);
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      Files.deleteIfExists(file.get());
    }
  }
}
