package io.divan.query.selector;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares normal forms with those that CouchDB 3.5.2 shows in {@code _explain}. */
class NormalizedSelectorTest {
  private static final Path FILE =
      Path.of("src", "test", "resources", "mango", "normalized.jsonl");

  @Test
  void normalized_selectorsOfCouchDb_same() throws IOException {
    List<String> lines = Files.readAllLines(FILE);
    assertThat(lines).hasSizeGreaterThan(80);
    for (String line : lines) {
      JsonValue.Obj example = (JsonValue.Obj) read(line);
      Selector selector = Selector.of(example.members().get("selector"));

      assertThat(selector.normalized().toJson())
          .isEqualTo(example.members().get("normalized").toJson());
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '>', value = {
    "{}>{}",
    "{'a':{'$elemMatch':{'$gte':1,'$lt':2}}}"
        + ">{'a':{'$elemMatch':{'$and':[{'':{'$gte':1}},{'':{'$lt':2}}]}}}",
    "{'a':{'$not':{'$elemMatch':{'b':1}}}}>{'a':{'$not':{'$elemMatch':{'b':{'$eq':1}}}}}",
    "{'a':{'$elemMatch':{'$not':{'b':1}}}}>{'a':{'$elemMatch':{'$not':{'b':{'$eq':1}}}}}",
    "{'$nor':[{'a':1},{'$nor':[{'b':2}]}]}>{'$and':[{'a':{'$ne':1}},{'$or':[{'b':{'$eq':2}}]}]}",
    "{'$not':{'a':{'$exists':true}}}>{'a':{'$exists':false}}",
    "{'$and':[{},{'a':{}}]}>{'$and':[{'':{'$eq':{}}},{'a':{'$eq':{}}}]}",
    "{'a':{'b':{'c':[1]}}}>{'a.b.c':{'$eq':[1]}}",
    "{'a':{'$mod':[3,1],'b':{'$type':'array'}}}"
        + ">{'$and':[{'a':{'$mod':[3,1]}},{'a.b':{'$type':'array'}}]}",
  })
  void normalized_selector_normalForm(String selector, String normalized) {
    JsonValue.Obj normal = Selector.of(read(selector.replace('\'', '"'))).normalized();

    assertThat(normal.toJson()).isEqualTo(normalized.replace('\'', '"'));
    assertThat(Selector.of(normal).normalized()).isEqualTo(normal);
  }

  private static JsonValue read(String json) {
    return JsonValue.read(json.getBytes(StandardCharsets.UTF_8));
  }
}
