package io.divan.redb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Compares the trees of files that redb wrote with the formulas that created their content. */
class TreeSampleTest {

  @Test
  void trees_smallFile_asWritten() {
    check("small", 60, Map.of("docs", 54L, "rev_data", 60L, "local_docs", 1L, "attachments", 0L));
  }

  @Test
  void trees_cleanFile_asWritten() {
    check("clean", 2_000, Map.of("docs", 1717L, "rev_data", 2000L, "local_docs", 40L));
  }

  @Test
  void trees_uncleanFile_asWritten() {
    check("unclean", 2_000, Map.of("docs", 1717L, "changes", 2000L, "attachments", 20L));
  }

  private static void check(String name, int documents, Map<String, Long> lengths) {
    Map<String, Tree> trees = SampleFile.of(name).trees();
    lengths.forEach((table, length) -> assertThat(trees.get(table).length()).isEqualTo(length));
    Map<String, Map<String, byte[]>> expected = expected(documents);
    assertThat(trees.keySet()).isEqualTo(expected.keySet());
    for (Map.Entry<String, Tree> entry : trees.entrySet()) {
      Tree tree = entry.getValue();
      tree.verify(page -> {});
      Map<String, byte[]> rows = expected.get(entry.getKey());
      assertThat(tree.length()).isEqualTo(rows.size());
      compare(tree, rows, entry.getKey().equals("changes"));
    }
  }

  private static void compare(Tree tree, Map<String, byte[]> rows, boolean numbers) {
    TreeCursor cursor = tree.cursor(null, null, false);
    ValueSlice found = new ValueSlice();
    for (Map.Entry<String, byte[]> row : rows.entrySet()) {
      byte[] key = numbers ? number(Long.parseLong(row.getKey())) : row.getKey().getBytes(UTF_8);
      assertThat(cursor.next()).isTrue();
      int keyTo = cursor.keyOffset() + cursor.keyLength();
      assertThat(Arrays.copyOfRange(cursor.array(), cursor.keyOffset(), keyTo)).isEqualTo(key);
      int valueTo = cursor.valueOffset() + cursor.valueLength();
      assertThat(Arrays.copyOfRange(cursor.array(), cursor.valueOffset(), valueTo))
          .isEqualTo(row.getValue());
      assertThat(tree.find(key, found)).isTrue();
      valueTo = found.offset() + found.length();
      assertThat(Arrays.copyOfRange(found.array(), found.offset(), valueTo))
          .isEqualTo(row.getValue());
    }
    assertThat(cursor.next()).isFalse();
  }

  private static byte[] number(long number) {
    byte[] result = new byte[8];
    LittleEndian.putInt64(result, 0, number);
    return result;
  }

  /** Returns the rows of all tables, with numeric keys as text of eight digits. */
  private static Map<String, Map<String, byte[]>> expected(int documents) {
    Map<String, Map<String, byte[]>> tables = new TreeMap<>();
    for (String table : new String[] {"docs", "rev_data", "changes", "local_docs", "attachments",
      "metadata"}) {
      tables.put(table, new TreeMap<>());
    }
    BigInteger factor = new BigInteger("9E3779B97F4A7C15", 16);
    for (int i = 1; i <= documents; i++) {
      String id = "doc-%06d".formatted(i);
      String hash = "%032x".formatted(factor.multiply(BigInteger.valueOf(i)));
      put(
          tables,
          "docs",
          id,
          "{\"rev_tree\":[{\"pos\":1,\"tree\":{\"hash\":\"" + hash
              + "\",\"status\":\"available\",\"deleted\":false,\"children\":[]}}],\"seq\":" + i
              + "}");
      String text = "x".repeat(i % 4001);
      put(
          tables,
          "rev_data",
          id + "\0" + "1-" + hash,
          "{\"data\":{\"n\":" + i + ",\"text\":\"" + text + "\"},\"deleted\":false}");
      put(
          tables,
          "changes",
          "%08d".formatted(i),
          "{\"doc_id\":\"" + id + "\",\"deleted\":false}");
      if (i % 50 == 0) {
        put(tables, "local_docs", "cp-" + i, "{\"n\":1}");
      }
      if (i % 100 == 0) {
        byte[] data = new byte[(int) ((long) i * 137 % 300_000)];
        Arrays.fill(data, (byte) (i % 251));
        tables.get("attachments").put("md5-" + hash, data);
      }
      if (i % 7 == 0 && i > 20) {
        tables.get("docs").remove("doc-%06d".formatted(i - 13));
      }
    }
    put(
        tables,
        "metadata",
        "meta",
        "{\"update_seq\":" + documents
            + ",\"db_uuid\":\"00000000-0000-4000-8000-000000000000\"}");
    return tables;
  }

  private static void put(
      Map<String, Map<String, byte[]>> tables, String table, String key, String value) {
    tables.get(table).put(key, value.getBytes(UTF_8));
  }
}
