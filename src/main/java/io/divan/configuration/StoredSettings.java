package io.divan.configuration;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Stamp;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The settings in the system store. A change and the new version commit in one transaction, so a
 * crash keeps both or neither. Safe for use by many threads.
 *
 * <pre>
 * settings   (section, key)   UTF-8: the value as text
 *            (0)              12 bytes: the versionstamp of the latest change
 * </pre>
 */
final class StoredSettings {

  /** In the system store: the settings that were changed at run time. */
  static final Table SETTINGS = new Table(36, "settings");

  /** The code that begins each key with a section: tuples encode text with it. */
  private static final byte[] TEXT = {0x02};

  private static final byte[] VERSION = new TupleWriter().add(0).toBytes();

  /**
   * All rows of one snapshot.
   *
   * @param version the versionstamp of the latest change; zero before the first
   * @param texts the stored values, by name
   */
  record Loaded(Versionstamp version, Map<SettingName, String> texts) {

    /** No rows. */
    static final Loaded NONE = new Loaded(Versionstamp.ZERO, Map.of());
  }

  private final Supplier<Store> system;

  StoredSettings(Supplier<Store> system) {
    this.system = system;
  }

  /** Reads all rows. */
  Loaded load() {
    return system
        .get()
        .read(transaction -> new Loaded(version(transaction), texts(transaction)));
  }

  /**
   * Changes or removes one value.
   *
   * @param text the new value; empty to remove the row
   * @param check receives all values as they would be after the change, and throws to refuse it
   */
  void change(
      SettingName name, Optional<String> text, Consumer<Map<SettingName, String>> check) {
    system
        .get()
        .write(
            transaction -> {
              Map<SettingName, String> texts = texts(transaction);
              text.ifPresentOrElse(value -> texts.put(name, value), () -> texts.remove(name));
              check.accept(texts);
              text.ifPresentOrElse(
                  value -> put(transaction, name, value),
                  () -> transaction.delete(SETTINGS, name.encode()));
              putVersion(transaction);
              return name;
            });
  }

  /** Writes all rows, unless there are any. Returns whether it did. */
  boolean fill(Map<SettingName, String> texts) {
    return system
        .get()
        .write(
            transaction -> {
              if (texts.isEmpty() || !texts(transaction).isEmpty()) {
                return false;
              }
              texts.forEach((name, text) -> put(transaction, name, text));
              putVersion(transaction);
              return true;
            })
        .result();
  }

  private static void put(WriteTransaction transaction, SettingName name, String text) {
    transaction.put(SETTINGS, name.encode(), text.getBytes(StandardCharsets.UTF_8));
  }

  private static void putVersion(WriteTransaction transaction) {
    Stamp stamp = transaction.stamp();
    transaction.putStampedValue(SETTINGS, VERSION, new byte[0], stamp, new byte[0]);
  }

  /** Returns a watch for changes after a version; empty if there are such changes already. */
  Optional<Watch> watch(Versionstamp after) {
    return system
        .get()
        .read(
            transaction -> version(transaction).equals(after)
                ? Optional.of(transaction.watch(SETTINGS, VERSION))
                : Optional.empty());
  }

  private static Versionstamp version(ReadTransaction transaction) {
    return transaction
        .get(SETTINGS, VERSION)
        .map(value -> Versionstamp.fromBytes(value, 0))
        .orElse(Versionstamp.ZERO);
  }

  private static Map<SettingName, String> texts(ReadTransaction transaction) {
    Map<SettingName, String> texts = new TreeMap<>();
    Optional<Range> rest = Optional.of(Range.prefix(SETTINGS, TEXT));
    while (rest.isPresent()) {
      Page page = transaction.scan(rest.get());
      for (KeyValue row : page.rows()) {
        texts.put(
            SettingName.decode(row.key()), new String(row.value(), StandardCharsets.UTF_8));
      }
      rest = page.rest();
    }
    return texts;
  }
}
