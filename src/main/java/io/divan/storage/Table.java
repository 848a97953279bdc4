package io.divan.storage;

/**
 * An ordered table of a store: a constant of the layer that owns it. Numbers and names are part of
 * the data on disk: a number is the table's subspace code on FoundationDB, a name its table in a
 * file; neither is ever used again for something else.
 *
 * @param number 0 to 255; unique within a store
 * @param name lower-case letters and underscores, at most 32; unique within a store
 */
public record Table(int number, String name) {
  public Table {
    if (number < 0 || number > 255) {
      throw new IllegalArgumentException("A table's number is 0 to 255, not " + number);
    }
    if (!name.matches("[a-z_]{1,32}")) {
      throw new IllegalArgumentException("Not a table name: " + name);
    }
  }
}
