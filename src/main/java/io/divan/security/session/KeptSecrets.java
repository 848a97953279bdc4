package io.divan.security.session;

import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The secrets as the system store keeps them, in one row that all instances share.
 *
 * <pre>
 * (1, current, whether it was configured, former, time of replacement, former, time, ...)
 * </pre>
 *
 * @param current the newest secret
 * @param configured whether an operator set it; otherwise it is random
 * @param formers the replaced ones, the newest last
 */
record KeptSecrets(String current, boolean configured, List<Former> formers) {

  /** A replaced secret. It counts until the timeout has passed since then. */
  record Former(String secret, Instant replaced) {

    boolean counts(Instant now, Duration timeout) {
      return now.isBefore(replaced.plus(timeout));
    }

    @Override
    public String toString() {
      return "Former[" + replaced + "]"; // omits the secret
    }
  }

  private static final long FORMAT = 1;
  private static final int FORMERS_MAX = 16;

  KeptSecrets {
    formers = List.copyOf(formers);
  }

  /**
   * The row as it has to be when an instance starts, or when its configured secret changes.
   *
   * @param kept the present row, if there is one
   * @param secret the configured secret; empty for a random one
   * @param random creates a random secret
   */
  static KeptSecrets adopt(
      Optional<KeptSecrets> kept,
      String secret,
      Supplier<String> random,
      Instant now,
      Duration timeout) {
    if (kept.isEmpty()) {
      return secret.isEmpty()
          ? new KeptSecrets(random.get(), false, List.of())
          : new KeptSecrets(secret, true, List.of());
    }
    KeptSecrets old = kept.get();
    if (!secret.isEmpty()) {
      return old.current.equals(secret)
          ? new KeptSecrets(secret, true, old.formers)
          : old.replacedBy(secret, true, now, timeout);
    }
    return old.configured ? old.replacedBy(random.get(), false, now, timeout) : old;
  }

  private KeptSecrets replacedBy(
      String secret, boolean isConfigured, Instant now, Duration timeout) {
    return new KeptSecrets(secret, isConfigured, with(current, secret, now, timeout));
  }

  /** The row in which a former secret counts from now on for a whole timeout. */
  KeptSecrets refreshed(String former, Instant now, Duration timeout) {
    return new KeptSecrets(current, configured, with(former, current, now, timeout));
  }

  private List<Former> with(String former, String newest, Instant now, Duration timeout) {
    List<Former> all = new ArrayList<>(formers);
    all.removeIf(
        other -> other.secret().equals(former) || other.secret().equals(newest)
            || !other.counts(now, timeout));
    all.add(new Former(former, now));
    return all.subList(Math.max(0, all.size() - FORMERS_MAX), all.size());
  }

  byte[] encode() {
    TupleWriter out = new TupleWriter().add(FORMAT).add(current).add(configured);
    formers.forEach(former -> out.add(former.secret()).add(former.replaced().getEpochSecond()));
    return out.toBytes();
  }

  /**
   * Reads a row.
   *
   * @throws IllegalStateException if another version wrote it, with another format
   */
  static KeptSecrets decode(byte[] row) {
    TupleReader in = new TupleReader(row);
    long format = in.nextLong();
    if (format != FORMAT) {
      throw new IllegalStateException(
          "The secret of session cookies has format " + format + ", and this version of Divan"
              + " reads " + FORMAT + ": run the version that wrote it, or a newer one");
    }
    String current = in.nextString();
    boolean configured = in.nextBoolean();
    List<Former> formers = new ArrayList<>();
    while (in.hasNext()) {
      formers.add(new Former(in.nextString(), Instant.ofEpochSecond(in.nextLong())));
    }
    return new KeptSecrets(current, configured, formers);
  }

  /** Describes the row without the secrets. */
  @Override
  public String toString() {
    return "KeptSecrets[configured=" + configured + ", formers=" + formers.size() + "]";
  }
}
