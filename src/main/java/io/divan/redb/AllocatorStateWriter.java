package io.divan.redb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Saves the allocator state in the table {@code allocator_state}, so that the next opening does not
 * walk all pages.
 *
 * <p>The table's own pages are allocated too, so writing the state changes it. Values of the final
 * sizes are put first, then overwritten in place until the state no longer changes.
 */
final class AllocatorStateWriter {
  private static final int ROUNDS_MAX = 10;

  private final FileWriteTransaction transaction;
  private final FreeSpace space;
  private final String name;

  AllocatorStateWriter(FileWriteTransaction transaction, FreeSpace space, String name) {
    this.transaction = transaction;
    this.space = space;
    this.name = name;
  }

  /**
   * Returns the root of a sealed system table tree with the saved state.
   *
   * @throws RedbException.Corrupted if the state does not converge, which only a bug can cause
   */
  Optional<TreeRoot> write() {
    Tree state =
        new Tree(
            transaction,
            DatabaseOpener.ALLOCATOR_STATE,
            Optional.empty(),
            name + ", system table " + SystemTables.ALLOCATOR_STATE);
    TableTree system = transaction.system(Optional.empty());
    for (int round = 0; round < ROUNDS_MAX; round++) {
      space.shrink();
      Map<String, byte[]> before = saved();
      put(state, before);
      system.put(SystemTables.ALLOCATOR_STATE, entry(state.seal()));
      Optional<TreeRoot> root = system.tree().seal();
      if (same(before, saved())) {
        return root;
      }
    }
    throw new RedbException.Corrupted(name + ": the allocator state did not converge");
  }

  private static TableEntry entry(Optional<TreeRoot> root) {
    return new TableEntry(
        false,
        Optional.empty(),
        0,
        OptionalInt.of(5),
        OptionalInt.empty(),
        new TableEntry.TypeName(TableEntry.TypeName.INTERNAL, "redb::AllocatorStateKey"),
        TableEntry.TypeName.of(ColumnType.BYTES))
        .with(root);
  }

  private Map<String, byte[]> saved() {
    Allocators allocators = space.allocators();
    Map<String, byte[]> saved = new LinkedHashMap<>();
    for (int region = 0; region < allocators.regions(); region++) {
      saved.put(key(DatabaseOpener.regionKey(region)), allocators.saveRegion(region));
    }
    saved.put(key(DatabaseOpener.trackerKey()), allocators.saveTracker());
    byte[] version =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(transaction.version())
            .array();
    saved.put(key(DatabaseOpener.transactionKey()), version);
    return saved;
  }

  private static String key(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static void put(Tree state, Map<String, byte[]> saved) {
    saved.forEach(
        (key, value) -> state.put(key.getBytes(StandardCharsets.ISO_8859_1), value));
    // Remove regions that the file no longer has.
    List<byte[]> gone = new ArrayList<>();
    TreeCursor cursor = state.cursor(null, null, false);
    while (cursor.next()) {
      byte[] key =
          Arrays.copyOfRange(
              cursor.array(), cursor.keyOffset(), cursor.keyOffset() + cursor.keyLength());
      if (!saved.containsKey(key(key))) {
        gone.add(key);
      }
    }
    gone.forEach(state::remove);
  }

  private static boolean same(Map<String, byte[]> a, Map<String, byte[]> b) {
    return a.keySet().equals(b.keySet())
        && a.entrySet().stream().allMatch(e -> Arrays.equals(e.getValue(), b.get(e.getKey())));
  }
}
