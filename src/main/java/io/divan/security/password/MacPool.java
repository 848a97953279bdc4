package io.divan.security.password;

import java.util.concurrent.ArrayBlockingQueue;
import javax.crypto.Mac;

/** Reusable MACs with one key: creating one costs more than most messages do. */
final class MacPool {

  private final ArrayBlockingQueue<Mac> idle =
      new ArrayBlockingQueue<>(2 * Runtime.getRuntime().availableProcessors());
  private final HashAlgorithm algorithm;
  private final byte[] key;

  MacPool(HashAlgorithm algorithm, byte[] key) {
    this.algorithm = algorithm;
    this.key = key;
  }

  Mac take() {
    Mac mac = idle.poll();
    return mac == null ? algorithm.mac(key) : mac;
  }

  /** Accepts a MAC without pending input. */
  void giveBack(Mac mac) {
    idle.offer(mac);
  }
}
