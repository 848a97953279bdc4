package io.divan.record.relational;

import java.util.List;

/**
 * The failures of tables that are not failures of the storage. Messages are sentences. A failure in
 * a transaction ends it: nothing of it is stored.
 */
public abstract sealed class RelationalException extends RuntimeException {

  private RelationalException(String message) {
    super(message);
  }

  /** A table exists with another definition. */
  public static final class TableExists extends RelationalException {
    TableExists(String table) {
      super("Table " + table + " exists with another definition");
    }
  }

  /** There is no table with this name. */
  public static final class NoSuchTable extends RelationalException {
    NoSuchTable(String table) {
      super("There is no table " + table);
    }
  }

  /** A table has no column with this name. */
  public static final class NoSuchColumn extends RelationalException {
    NoSuchColumn(String table, String column) {
      super("Table " + table + " has no column " + column);
    }
  }

  /** A row with the same key exists. */
  public static final class DuplicateKey extends RelationalException {
    private final String table;
    private final List<Object> key;

    DuplicateKey(String table, List<Object> key) {
      super("Table " + table + " has a row with the key " + key);
      this.table = table;
      this.key = key;
    }

    /** The name of the table. */
    public String table() {
      return table;
    }

    /** The key. */
    public List<Object> key() {
      return key;
    }
  }

  /** Another row has the same columns in a unique index. */
  public static final class NotUnique extends RelationalException {
    private final String index;

    NotUnique(String index, List<Object> owner) {
      super("The row with the key " + owner + " has the same columns in unique index " + index);
      this.index = index;
    }

    /** The name of the table, a point, and the name of the index. */
    public String index() {
      return index;
    }
  }

  /** A value is null in a column that cannot be null. */
  public static final class NotNull extends RelationalException {
    NotNull(String table, String column) {
      super("Column " + column + " of table " + table + " cannot be null");
    }
  }

  /** A value has another type than its column. */
  public static final class WrongType extends RelationalException {
    WrongType(String table, Column column, Object value) {
      super(
          "Column " + column.name() + " of table " + table + " is " + column.type()
              + "; it cannot hold a " + value.getClass().getSimpleName());
    }
  }

  /** A value refers to a row that does not exist. */
  public static final class ForeignKeyMissing extends RelationalException {
    ForeignKeyMissing(String table, Column column, String parent, Object value) {
      super(
          "Column " + column.name() + " of table " + table + " refers to table " + parent
              + ", which has no row " + value);
    }
  }

  /** A row cannot be deleted, or change its key, because other rows refer to it. */
  public static final class StillReferenced extends RelationalException {
    StillReferenced(String table, String child, String column) {
      super("Rows of table " + child + " refer to a row of table " + table + " by " + column);
    }
  }

  /** Too many rows refer to a deleted row, directly or not. */
  public static final class CascadeTooLarge extends RelationalException {
    CascadeTooLarge(String table, int max) {
      super(
          "More than " + max + " rows refer to the rows of table " + table
              + " to delete. Delete them first, in several transactions");
    }
  }

  /** A definition, a change of one, or a query is not allowed. */
  public static final class Refused extends RelationalException {
    Refused(String message) {
      super(message);
    }
  }
}
