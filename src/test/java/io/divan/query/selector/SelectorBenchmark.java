package io.divan.query.selector;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Measures matches of documents of 1 KB. Run by hand; prints documents a second. */
final class SelectorBenchmark {
  private static final int DOCUMENTS = 1_000;
  private static final int ROUNDS = 100;

  private SelectorBenchmark() {}

  public static void main(String[] args) {
    byte[][] documents = new byte[DOCUMENTS][];
    for (int i = 0; i < DOCUMENTS; i++) {
      documents[i] = document(i);
    }
    System.out.println(documents[0].length + " bytes a document");
    for (String selector : List.of(
        "{\"name\":\"name 7\"}",
        "{\"age\":{\"$gt\":95}}",
        "{\"address.zip\":1007}",
        "{\"address.zip\":1007,\"last\":true}",
        "{\"tags\":{\"$elemMatch\":{\"$eq\":\"t7\"}}}",
        "{\"missing\":1}",
        "{\"$or\":[{\"name\":\"name 7\"},{\"age\":7}]}")) {
      Selector read = Selector.read(selector.getBytes(StandardCharsets.UTF_8));
      for (int warmUp = 0; warmUp < 3; warmUp++) {
        run(read, documents);
      }
      long start = System.nanoTime();
      int found = run(read, documents);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "%-50s %6d found, %,12.0f documents/s%n",
          selector, found, DOCUMENTS * ROUNDS / seconds);
    }
  }

  private static int run(Selector selector, byte[][] documents) {
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
      for (byte[] document : documents) {
        found += selector.matches(document) ? 1 : 0;
      }
    }
    return found;
  }

  private static byte[] document(int i) {
    StringBuilder json = new StringBuilder("{\"_id\":\"d" + i + "\",\"_rev\":\"1-0\"");
    json.append(",\"name\":\"name ").append(i % 50).append("\",\"age\":").append(i % 100);
    json.append(",\"address\":{\"street\":\"Main Street ").append(i);
    json.append("\",\"zip\":").append(1000 + i % 20).append(",\"geo\":[1.5,2.5]}");
    json.append(",\"tags\":[\"t").append(i % 10).append("\",\"x\"]");
    for (int field = 0; field < 12; field++) {
      json.append(",\"field").append(field).append("\":\"").append("lorem ipsum ".repeat(5));
      json.append("\"");
    }
    return json.append(",\"last\":true}").toString().getBytes(StandardCharsets.UTF_8);
  }
}
