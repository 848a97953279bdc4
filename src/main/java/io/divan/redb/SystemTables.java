package io.divan.redb;

import java.util.List;

/** The names of redb's own tables, which are in a separate table tree. */
final class SystemTables {
  static final String ALLOCATOR_STATE = "allocator_state";
  static final String SAVEPOINTS = "persistent_savepoints";
  static final String DATA_FREED = "data_pages_unreachable";
  static final String SYSTEM_FREED = "system_pages_unreachable";

  /** The tables that this implementation does not maintain. */
  static final List<String> UNMAINTAINED =
      List.of(
          ALLOCATOR_STATE,
          DATA_FREED,
          SYSTEM_FREED,
          "data_pages_allocated",
          "next_savepoint_id",
          SAVEPOINTS);

  private SystemTables() {}

  /** Returns the key order of a system table; unknown for tables that redb 4.2 does not have. */
  static KeyOrder order(String table) {
    return switch (table) {
      case ALLOCATOR_STATE -> KeyOrder.ALLOCATOR_STATE;
      case DATA_FREED, SYSTEM_FREED, "data_pages_allocated" -> KeyOrder.PAIRS_OF_U64;
      case "next_savepoint_id", SAVEPOINTS -> KeyOrder.LITTLE_ENDIAN;
      default -> KeyOrder.UNKNOWN;
    };
  }
}
