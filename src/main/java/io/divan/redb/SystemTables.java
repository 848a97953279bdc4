package io.divan.redb;

import java.util.List;

/** redb's own tables, in a tree beside those of users. */
final class SystemTables {
  static final String ALLOCATOR_STATE = "allocator_state";
  static final String SAVEPOINTS = "persistent_savepoints";
  static final String DATA_FREED = "data_pages_unreachable";
  static final String SYSTEM_FREED = "system_pages_unreachable";

  /** Those that this engine does without. */
  static final List<String> BOOKS =
      List.of(
          ALLOCATOR_STATE,
          DATA_FREED,
          SYSTEM_FREED,
          "data_pages_allocated",
          "next_savepoint_id",
          SAVEPOINTS);

  private SystemTables() {}

  /** The order of a table's keys; nothing is known of that of others than redb 4.2 has. */
  static KeyOrder order(String table) {
    return switch (table) {
      case ALLOCATOR_STATE -> KeyOrder.ALLOCATOR_STATE;
      case DATA_FREED, SYSTEM_FREED, "data_pages_allocated" -> KeyOrder.PAIRS_OF_U64;
      case "next_savepoint_id", SAVEPOINTS -> KeyOrder.LITTLE_ENDIAN;
      default -> KeyOrder.UNKNOWN;
    };
  }
}
