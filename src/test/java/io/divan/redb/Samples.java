package io.divan.redb;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** The files in {@code src/test/resources/redb}, written by redb itself, and their content. */
final class Samples {
  private static final BigInteger GOLDEN = new BigInteger("9E3779B97F4A7C15", 16);

  /** A sample file and the number of documents that were put into it. */
  enum Sample {
    SMALL(60),
    CLEAN(2_000),
    UNCLEAN(2_000);

    final int documents;

    Sample(int documents) {
      this.documents = documents;
    }

    Blocks.Image image() {
      String name = "/redb/" + name().toLowerCase(Locale.ROOT) + ".redb.gz";
      try (InputStream packed = Samples.class.getResourceAsStream(name)) {
        return Blocks.Image.of(new GZIPInputStream(packed).readAllBytes());
      } catch (IOException e) {
        throw new AssertionError(name, e);
      }
    }

    /** Returns its content, computed with the formula that created it. */
    Model model() {
      return Samples.model(documents);
    }

    /**
     * Returns its possible contents: a file that was not closed may also hold the previous commit.
     */
    List<Model> models() {
      return this == UNCLEAN ? List.of(model(), Samples.model(documents - 50)) : List.of(model());
    }
  }

  private Samples() {}

  private static Model model(int documents) {
    Model model = new Model();
    Model.Rows docs = table(model, "docs", ColumnType.STRING);
    Model.Rows bodies = table(model, "rev_data", ColumnType.STRING);
    Model.Rows changes = table(model, "changes", ColumnType.U64);
    Model.Rows locals = table(model, "local_docs", ColumnType.STRING);
    Model.Rows attachments = table(model, "attachments", ColumnType.STRING);
    Model.Rows metadata = table(model, "metadata", ColumnType.STRING);
    for (int i = 1; i <= documents; i++) {
      String id = "doc-%06d".formatted(i);
      String hash = "%032x".formatted(GOLDEN.multiply(BigInteger.valueOf(i)));
      String tree =
          "{\"rev_tree\":[{\"pos\":1,\"tree\":{\"hash\":\"" + hash
              + "\",\"status\":\"available\",\"deleted\":false,\"children\":[]}}],\"seq\":" + i
              + "}";
      docs.map.put(bytes(id), bytes(tree));
      bodies.map.put(
          bytes(id + "\0001-" + hash),
          bytes(
              "{\"data\":{\"n\":" + i + ",\"text\":\"" + "x".repeat(i % 4001)
                  + "\"},\"deleted\":false}"));
      changes.map.put(
          ColumnType.U64.encode((long) i),
          bytes("{\"doc_id\":\"" + id + "\",\"deleted\":false}"));
      if (i % 50 == 0) {
        locals.map.put(bytes("cp-" + i), bytes("{\"n\":1}"));
      }
      if (i % 100 == 0) {
        byte[] content = new byte[i * 137 % 300_000];
        Arrays.fill(content, (byte) (i % 251));
        attachments.map.put(bytes("md5-" + hash), content);
      }
      if (i % 7 == 0 && i > 20) {
        docs.map.remove(bytes("doc-%06d".formatted(i - 13)));
      }
    }
    metadata.map.put(
        bytes("meta"),
        bytes(
            "{\"update_seq\":" + documents
                + ",\"db_uuid\":\"00000000-0000-4000-8000-000000000000\"}"));
    return model;
  }

  private static Model.Rows table(Model model, String name, ColumnType<?> key) {
    Model.Rows rows = new Model.Rows(key, ColumnType.BYTES);
    model.tables.put(name, rows);
    return rows;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
