package io.divan.redb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Distinguishes a full disk from other I/O errors. Java has no exception type for a full disk, and
 * the message is in the language of the operating system, so the space left on the disk counts too.
 */
public final class DiskSpace {

  /** Space that file systems reserve for themselves: a write can fail before it is used up. */
  private static final long RESERVED_BYTES = 1 << 20;

  private DiskSpace() {}

  /** Returns the free bytes on the file system of an existing path; the maximum if unknown. */
  public static long usableBytes(Path path) {
    try {
      return Files.getFileStore(path).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  /**
   * Returns whether a write failed because the disk is full or the quota is used up.
   *
   * @param error the failure of the write
   * @param neededBytes the size of the write
   * @param usableBytes the free bytes on the disk; called only if the message is inconclusive
   */
  public static boolean isFull(IOException error, long neededBytes, LongSupplier usableBytes) {
    String message = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space")
        || message.contains("not enough space")
        || message.contains("quota")
        || usableBytes.getAsLong() - RESERVED_BYTES < neededBytes;
  }
}
