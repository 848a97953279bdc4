package io.divan.document;

import static io.divan.document.TestDatabases.check;
import static io.divan.document.TestDatabases.get;
import static io.divan.document.TestDatabases.replicate;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.document.revision.Sequence;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.Tables;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalDocumentsTest {

  private final Database database = TestDatabases.create();

  @AfterEach
  void check_afterEachTest_holds() {
    check(database);
  }

  private List<KeyValue> rows() {
    return database
        .store()
        .read(
            transaction -> Bodies.readAll(transaction, transaction.scan(Range.all(
                Tables.LOCAL_DOCS))));
  }

  @Test
  void update_withoutRevision_isNumberOneAgain() {
    assertThat(saved(database, "{'_id':'_local/x','v':1}")).isEqualTo("0-1");
    assertThat(saved(database, "{'_id':'_local/x','v':2}")).isEqualTo("0-1");
    assertThat(get(database, "_local/x"))
        .isEqualTo("{\"_id\":\"_local/x\",\"_rev\":\"0-1\",\"v\":2}");
  }

  @ParameterizedTest
  @CsvSource({"0-1, 0-2", "0-99, 0-100", "0-0, 0-1", "0-999999999999999, 0-1000000000000000"})
  void update_anyNumber_isOneMore(String given, String answered) {
    String document = "{'_id':'_local/x','_rev':'" + given + "'}";
    assertThat(saved(database, document)).isEqualTo(answered);
    assertThat(get(database, "_local/x")).contains("\"_rev\":\"" + answered + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1-967a00dff5e02add41819138abb3284d", "0-x", "0-", "0-1234567890123456",
    "1-1"})
  void update_revisionOfAnotherKind_refused(String revision) {
    assertThat(update(database, "{'_id':'_local/x','_rev':'" + revision + "'}"))
        .containsExactly("bad_request: Invalid rev format");
    assertThat(rows()).isEmpty();
  }

  @Test
  void update_sameIdTwice_bothCount() {
    assertThat(
        update(
            database,
            "{'_id':'_local/x','v':1}",
            "{'_id':'a'}",
            "{'_id':'_local/x','_rev':'0-9','v':2}"))
        .satisfies(outcomes -> assertThat(outcomes.getFirst()).isEqualTo("0-1"))
        .satisfies(outcomes -> assertThat(outcomes.getLast()).isEqualTo("0-10"));
    assertThat(database.info().localCount()).isEqualTo(1);
  }

  @Test
  void delete_thereOrNot_isNumberZero() {
    assertThat(update(database, "{'_id':'_local/x','_deleted':true}")).containsExactly("0-0");
    assertThat(database.info().localCount()).isZero();
    saved(database, "{'_id':'_local/x','v':1}");
    assertThat(database.info().localCount()).isEqualTo(1);
    assertThat(update(database, "{'_id':'_local/x','_deleted':true}")).containsExactly("0-0");
    assertThat(database.info().localCount()).isZero();
    assertThat(rows()).isEmpty();
    assertThatExceptionOfType(DocumentException.NotFound.class)
        .isThrownBy(() -> get(database, "_local/x"))
        .withMessage("missing");
  }

  @Test
  void update_local_isNeitherChangedNorListed() {
    saved(database, "{'_id':'_local/x','v':1}");
    replicate(database, "{'_id':'_local/y','_rev':'0-3','v':1}");
    DatabaseInfo info = database.info();
    assertThat(info.localCount()).isEqualTo(2);
    assertThat(info.docCount()).isZero();
    assertThat(info.updateSequence()).isEqualTo(Sequence.ZERO);
    assertThat(info.sizeActive()).isZero();
    assertThat(get(database, "_local/y")).contains("0-4");
  }

  @ParameterizedTest
  @ValueSource(ints = {95_996, 95_997, 95_998, 95_999, 96_000, 96_001, 2_500_000})
  void get_bodyOverChunks_whole(int length) {
    String text = "x".repeat(length - 8);
    saved(database, "{'_id':'_local/x','v':'" + text + "'}");
    assertThat(get(database, "_local/x"))
        .isEqualTo("{\"_id\":\"_local/x\",\"_rev\":\"0-1\",\"v\":\"" + text + "\"}");
    // The layout's byte and the number's stand in the first chunk.
    assertThat(rows()).hasSize((length + 2 + 95_999) / 96_000);
  }

  @Test
  void update_shorterBody_leavesNoChunk() {
    saved(database, "{'_id':'_local/x','v':'" + "x".repeat(300_000) + "'}");
    assertThat(rows()).hasSize(4);
    saved(database, "{'_id':'_local/x','v':1}");
    assertThat(rows()).hasSize(1);
    assertThat(rows().getFirst().value()).isEqualTo(TestDatabases.utf8("\1\1{\"v\":1}"));
  }

  @Test
  void get_revisions_itsNumber() {
    saved(database, "{'_id':'_local/x','_rev':'0-1','v':1}");
    assertThat(get(database, "_local/x", ReadOptions.revisions(true)))
        .isEqualTo(
            "{\"_id\":\"_local/x\",\"_rev\":\"0-2\",\"v\":1,"
                + "\"_revisions\":{\"start\":0,\"ids\":[\"2\"]}}");
  }

  @Test
  void update_idContinuesWithNul_isAnotherDocument() {
    saved(database, "{'_id':'_local/x\\u0000y','v':1}");
    saved(database, "{'_id':'_local/x','v':2}");
    update(database, "{'_id':'_local/x','_deleted':true}");
    assertThat(get(database, "_local/x\0y")).contains("\"v\":1");
  }
}
