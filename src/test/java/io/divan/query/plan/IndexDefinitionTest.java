package io.divan.query.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares the indexes of design documents with those that CouchDB 3.5.2 lists. */
class IndexDefinitionTest {
  private static final Path FILE =
      Path.of("src", "test", "resources", "mango", "design-documents.jsonl");

  static Stream<String> documents() throws IOException {
    return Files.readAllLines(FILE).stream();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void ofDesignDocument_document_indexesOfCouchDb(String line) {
    Map<String, JsonValue> example = read(line).members();
    List<JsonValue> indexes =
        IndexDefinition.ofDesignDocument(
            example.get("id").asString().orElseThrow(),
            (JsonValue.Obj) example.get("document"))
            .stream()
            .sorted(IndexDefinition.BY_NAME)
            .map(index -> (JsonValue) index.toJson())
            .toList();

    assertThat(new JsonValue.Arr(indexes).toJson()).isEqualTo(example.get("indexes").toJson());
  }

  @Test
  void ofDesignDocument_partialFilter_alsoOfOldName() {
    for (String name : List.of("partial_filter_selector", "selector")) {
      String map = "{\"fields\":{\"a\":\"asc\"},\"" + name + "\":{\"b\":1}}";
      assertThat(only(map).partialFilter()).contains(read("{\"b\":1}"));
    }
    assertThat(only("{\"fields\":{\"a\":\"asc\"},\"selector\":{}}").partialFilter()).isEmpty();
  }

  private static IndexDefinition only(String map) {
    return IndexDefinition.ofDesignDocument(
        "_design/d",
        read("{\"language\":\"query\",\"views\":{\"v\":{\"map\":" + map + ",\"options\":{}}}}"))
        .getFirst();
  }

  private static JsonValue.Obj read(String json) {
    return (JsonValue.Obj) JsonValue.read(json.getBytes(StandardCharsets.UTF_8));
  }
}
