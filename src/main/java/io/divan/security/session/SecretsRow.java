package io.divan.security.session;

import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Watch;
import io.divan.storage.tuple.TupleWriter;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The row of {@link KeptSecrets} in the system store. Safe for use by many threads. */
final class SecretsRow {

  /** In the system store: the secrets that sign session cookies. */
  static final Table SECRETS = new Table(37, "secrets");

  private static final byte[] KEY = new TupleWriter().add("session").toBytes();

  private final Supplier<Store> system;

  SecretsRow(Supplier<Store> system) {
    this.system = system;
  }

  Optional<KeptSecrets> read() {
    return system
        .get()
        .read(transaction -> transaction.get(SECRETS, KEY).map(KeptSecrets::decode));
  }

  /**
   * Changes the row in one transaction, unless it has the new value already.
   *
   * @return the row afterwards
   */
  KeptSecrets change(UnaryOperator<Optional<KeptSecrets>> next) {
    Optional<KeptSecrets> present = read();
    if (present.isPresent() && next.apply(present).equals(present)) {
      return present.get();
    }
    return system
        .get()
        .write(
            transaction -> {
              Optional<KeptSecrets> old =
                  transaction.get(SECRETS, KEY).map(KeptSecrets::decode);
              KeptSecrets changed = next.apply(old).orElseThrow();
              if (!old.equals(Optional.of(changed))) {
                transaction.put(SECRETS, KEY, changed.encode());
              }
              return changed;
            })
        .result();
  }

  /** Returns a watch for changes of a row; empty if the row has changed already. */
  Optional<Watch> watch(KeptSecrets known) {
    return system
        .get()
        .read(
            transaction -> {
              byte[] row = transaction.get(SECRETS, KEY).orElse(new byte[0]);
              return Arrays.equals(row, known.encode())
                  ? Optional.of(transaction.watch(SECRETS, KEY))
                  : Optional.empty();
            });
  }
}
