package io.divan.storage;

/**
 * An ordered table of a store. The code that owns a table declares it as a constant. A backend
 * stores the rows of a table under its number, its name or both: FoundationDB uses the number as
 * the code of a subspace, redb and SQLite use the name. Neither is ever reused for other rows. A
 * table needs no creation; without rows it is empty.
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
