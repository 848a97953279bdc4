package io.divan.configuration;

import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.Map;

/**
 * The name of a setting.
 *
 * @param section the section, never an alias
 * @param key the key within the section
 */
record SettingName(String section, String key) implements Comparable<SettingName> {

  /** The sections that CouchDB reads under a second, older name. */
  private static final Map<String, String> ALIASES =
      Map.of("couch_httpd_auth", "chttpd_auth", "httpd", "chttpd");

  /** Returns the name of a setting whose section may be an alias. */
  static SettingName of(String section, String key) {
    return new SettingName(section(section), key);
  }

  /** Returns the section that a name or an alias stands for. */
  static String section(String name) {
    return ALIASES.getOrDefault(name, name);
  }

  /** Reads the key of a row. */
  static SettingName decode(byte[] row) {
    TupleReader reader = new TupleReader(row);
    return new SettingName(reader.nextString(), reader.nextString());
  }

  /** The key of the row that stores the setting. */
  byte[] encode() {
    return new TupleWriter().add(section).add(key).toBytes();
  }

  @Override
  public int compareTo(SettingName other) {
    int bySection = section.compareTo(other.section);
    return bySection != 0 ? bySection : key.compareTo(other.key);
  }

  @Override
  public String toString() {
    return section + "/" + key;
  }
}
