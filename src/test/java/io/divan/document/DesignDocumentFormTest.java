package io.divan.document;

import static io.divan.document.TestDatabases.replicate;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sentences are CouchDB's. */
class DesignDocumentFormTest {
  private final Database database = TestDatabases.create();

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
          'filters':1|`filters` field must have object type
          'filters':{'f':1}|`filters.f` field must have string or object type
          'lists':[]|`lists` field must have object type
          'shows':{'s':null}|`shows.s` field must have string or object type
          'updates':{'u':[]}|`updates.u` field must have string or object type
          'language':1|`language` field must have string type
          'options':[]|`options` field must have object type
          'options':{'include_design':1}|`options.include_design` field must have boolean type
          'options':{'local_seq':null}|`options.local_seq` field must have boolean type
          'options':{'partitioned':1}|`options.partitioned` field must have boolean type
          'rewrites':{}|`rewrites` field must have array or string type
          'validate_doc_update':{}|`validate_doc_update` field must have string type
          'views':[]|`views` field must have object type
          'views':null|`views` field must have object type
          'views':{'lib':'x'}|`views.lib` field must have object type
          'views':{'v':null}|`views.v` field must have object type
          'views':{'v':{'map':{}}}|`views.v.map` field must have string type
          'language':'Query','views':{'v':{'map':{}}}|`views.v.map` field must have string type
          'language':'query','views':{'v':{'map':'x'}}|`views.v.map` field must have object type
          'views':{'v':{'map':'x','reduce':1}}|`views.v.reduce` field must have string type
          'views':{'v':{'map':'x','reduce':null}}|`views.v.reduce` field must have string type
          'views':{'v':{}}|View `v` must contain map function
          'views':{'v':{'reduce':'_sum'}}|View `v` must contain map function
          'views':{'v':{'map':'x','reduce':'_foo'}}|`_foo` is not a supported reduce function.
          'views':{'v':{'map':'x','reduce':'_top_101'}}|rank value must be between 1 and 100
          'views':{'v':{'map':'x','reduce':'_bottom_x'}}|invalid rank reducer
          'views':{'v':{'map':'x','options':1}}|`views.v.options` field must have object type
          """)
  void wrongForm_isRefused(String members, String reason) {
    String document = "{'_id':'_design/d'," + members + "}";
    List<String> refused = List.of("invalid_design_doc: " + reason);
    assertThat(update(database, document)).isEqualTo(refused);
    assertThat(replicate(database, document.replace("/d',", "/d','_rev':'1-a',")))
        .isEqualTo(refused);
    saved(database, "{'_id':'d'," + members + "}");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "",
    ",'filters':{'f':'x','g':{}},'rewrites':[],'validate_doc_update':'x'",
    ",'other':1,'views':{}",
    ",'views':{'lib':{},'v':{'map':'x','reduce':'_count'},'w':{'map':'x','reduce':'_top_7'}}",
    ",'language':'query','views':{'v':{'map':{'fields':[]},'reduce':'_count'}}",
    ",'language':'other','views':{'v':{'map':'x','reduce':'_foo'}}",
    ",'options':{'partitioned':false,'x':1}"
  })
  void rightForm_isStored(String members) {
    saved(database, "{'_id':'_design/d'" + members + "}");
  }

  @Test
  void partitioned_isRefused() {
    assertThat(update(database, "{'_id':'_design/d','options':{'partitioned':true}}"))
        .containsExactly(
            "invalid_design_doc: partitioned option cannot be true in a non-partitioned database.");
  }

  @Test
  void deletion_withMembersOfAWrongForm_isRefused() {
    String revision = saved(database, "{'_id':'_design/d','views':{}}");
    String deletion = "{'_id':'_design/d','_rev':'" + revision + "','_deleted':true";
    assertThat(update(database, deletion + ",'views':1}"))
        .containsExactly("invalid_design_doc: `views` field must have object type");
    saved(database, deletion + "}");
  }
}
