package io.divan.document;

import static io.divan.document.TestDatabases.input;
import static io.divan.document.TestDatabases.revision;
import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.divan.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The words are those of CouchDB 3.5.2. */
class DocumentParserTest {

  private static String failure(String json) {
    DocumentException e =
        catchThrowableOfType(DocumentException.class, () -> input(json));
    assertThat(e).isNotNull();
    return e.error() + ": " + e.reason();
  }

  @Test
  void parse_members_bodyWithoutTheSpecialOnes() {
    DocumentInput input =
        input("{'z':1,'_rev':'2-b','_id':'x','_deleted':false,'a':{'_foo':1},'':2,'$x':3}");
    assertThat(input.id()).contains("x");
    assertThat(input.revision()).contains(revision("2-b"));
    assertThat(input.deleted()).isFalse();
    assertThat(input.attachments()).isEmpty();
    assertThat(text(input.body())).isEqualTo("{\"z\":1,\"a\":{\"_foo\":1},\"\":2,\"$x\":3}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'_id':'x'}", "{'_deleted':true}", "{'_attachments':{}}"})
  void parse_onlySpecialMembers_emptyBody(String json) {
    assertThat(text(input(json).body())).isEqualTo("{}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"_revs_info", "_conflicts", "_deleted_conflicts", "_local_seq"})
  void parse_memberOfAnAnswer_ignored(String name) {
    assertThat(text(input("{'a':1,'" + name + "':[{'x':[]}],'b':2}").body()))
        .isEqualTo("{\"a\":1,\"b\":2}");
    assertThat(failure("{'" + name + "':'\\ud800'}"))
        .isEqualTo("bad_request: invalid UTF-8 JSON");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "_replication_id", "_replication_owner", "_replication_state", "_replication_state_time",
    "_replication_state_reason", "_replication_stats", "_access"
  })
  void parse_memberOfTheReplicator_isBody(String name) {
    assertThat(text(input("{'" + name + "':1}").body())).isEqualTo("{\"" + name + "\":1}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"_foo", "_", "_ID", "_doc_id", "_revs", "__id", "_é"})
  void parse_otherSpecialMember_refused(String name) {
    assertThat(failure("{'a':1,'" + name + "':1}"))
        .isEqualTo("doc_validation: Bad special document member: " + name);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "{'_deleted':1}           | doc_validation: Bad special document member: _deleted",
    "{'_deleted':'true'}      | doc_validation: Bad special document member: _deleted",
    "{'_deleted':null}        | doc_validation: Bad special document member: _deleted",
    "{'_deleted':[]}          | doc_validation: Bad special document member: _deleted",
    "{'_attachments':1}       | doc_validation: Bad special document member: _attachments",
    "{'_id':5}                | illegal_docid: Document id must be a string",
    "{'_id':null}             | illegal_docid: Document id must be a string",
    "{'_id':{}}               | illegal_docid: Document id must be a string",
    "{'_id':''}               | illegal_docid: Document id must not be empty",
    "{'_id':'_x'} | illegal_docid: Only reserved document ids may start with underscore.",
    "{'_id':'_design'} | illegal_docid: Only reserved document ids may start with underscore.",
    "{'_id':'_designx/y'} | illegal_docid: Only reserved document ids may start with"
        + " underscore.",
    "{'_id':'_design/'}       | illegal_docid: Illegal document id `_design/`",
    "{'_id':'_local/'}        | illegal_docid: Illegal document id `_local/`",
    "{'_id':'\\ud800'}        | bad_request: invalid UTF-8 JSON",
    "{'_rev':null}            | bad_request: Invalid rev format",
    "{'_rev':1}               | bad_request: Invalid rev format",
    "{'_rev':['1-a']}         | bad_request: Invalid rev format",
    "{'_rev':'1'}             | bad_request: Invalid rev format",
    "{'_rev':''}              | bad_request: Invalid rev format",
    "{'_rev':' 1-abc'}        | bad_request: Invalid rev format",
    "{'_revisions':1}         | doc_validation: Bad special document member: _revisions",
    "{'_revisions':null}      | doc_validation: Bad special document member: _revisions",
    "{'_revisions':[]}        | doc_validation: Bad special document member: _revisions",
    "{'_revisions':{}}        | doc_validation: _revisions.start isn't an integer.",
    "{'_revisions':{'ids':[]}} | doc_validation: _revisions.start isn't an integer.",
    "{'_revisions':{'start':'1','ids':['a']}}"
        + " | doc_validation: _revisions.start isn't an integer.",
    "{'_revisions':{'start':1.5,'ids':['a']}}"
        + " | doc_validation: _revisions.start isn't an integer.",
    "{'_revisions':{'start':1}} | doc_validation: _revisions.ids isn't a array.",
    "{'_revisions':{'start':1,'ids':'x'}} | doc_validation: _revisions.ids isn't a array.",
    "{'_revisions':{'start':1,'ids':[1]}} | doc_validation: RevId isn't a string",
    "[]                       | bad_request: Document must be a JSON object",
    "[{}]                     | bad_request: Document must be a JSON object",
    "1                        | bad_request: Document must be a JSON object",
    "'s'                      | bad_request: Document must be a JSON object",
    "null                     | bad_request: Document must be a JSON object",
    "`  `                     | bad_request: invalid UTF-8 JSON",
    "{} x                     | bad_request: invalid UTF-8 JSON",
    "{'a':                    | bad_request: invalid UTF-8 JSON",
  })
  void parse_illegal_couchDbsWords(String json, String words) {
    assertThat(failure(json)).isEqualTo(words);
  }

  @Test
  void parse_specialMemberTwice_lastCounts() {
    DocumentInput input =
        input(
            "{'_id':'a','_rev':'1-abc','_deleted':true,'_id':'b','_rev':'2-abc',"
                + "'_deleted':false,'_attachments':{'x':{'stub':true}},'_attachments':{}}");
    assertThat(input.id()).contains("b");
    assertThat(input.revision()).contains(revision("2-abc"));
    assertThat(input.deleted()).isFalse();
    assertThat(input.attachments()).isEmpty();
  }

  @Test
  void parse_revisions_isThePath() {
    DocumentInput input =
        input(
            "{'_revisions':{'start':3,'x':[{}],"
                + "'ids':['c','00000000000000000000000000000B','a']}}");
    assertThat(input.path())
        .contains(
            List.of(
                revision("3-c"), revision("2-00000000000000000000000000000B"), revision("1-a")));
    assertThat(input.base()).contains(revision("3-c"));
  }

  @Test
  void parse_moreIdsThanPositions_keepsThoseThatHaveOne() {
    assertThat(input("{'_revisions':{'start':1,'ids':['b','a']}}").path())
        .contains(List.of(revision("1-b")));
  }

  @Test
  void parse_noIds_isNoPath() {
    assertThat(input("{'_revisions':{'start':0,'ids':[]}}").path()).isEmpty();
    assertThat(input("{'_revisions':{'start':1,'ids':[]}}").path()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "{'start':-1,'ids':['a']}", "{'start':0,'ids':['a']}", "{'start':1,'ids':['']}",
    "{'start':1,'ids':['\\ud800']}"
  })
  void parse_impossibleRevisions_refused(String revisions) {
    assertThat(failure("{'_revisions':" + revisions + "}"))
        .isEqualTo("bad_request: Invalid rev format");
  }

  @Test
  void parse_hugeStart_refused() {
    assertThat(failure("{'_revisions':{'start':99999999999999999999,'ids':['a']}}"))
        .isEqualTo("doc_validation: _revisions.start is too large.");
    assertThat(input("{'_revisions':{'start':999999999999999,'ids':['a']}}").path())
        .contains(List.of(revision("999999999999999-a")));
  }

  @Test
  void parse_id_upTo2048EncodedBytes() {
    for (String unit : List.of("i", "é", "日", "\\u0000", "😀")) {
      int bytes = unit.equals("\\u0000") ? 2 : utf8(unit).length;
      int most = 2_046 / bytes;
      assertThat(input("{'_id':'" + unit.repeat(most) + "'}").id()).isPresent();
      assertThat(failure("{'_id':'" + unit.repeat(most) + "i".repeat(bytes) + "'}"))
          .isEqualTo("illegal_docid: Document id is too long");
    }
    assertThat(failure("{'_id':'" + "i".repeat(1_000_000) + "'}"))
        .isEqualTo("illegal_docid: Document id is too long");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "\\u0000", "a/b", "_design/x", "_local/x", "_design/_x", "é", " ",
    "A_"})
  void parse_id_legal(String id) {
    assertThat(input("{'_id':'" + id + "'}").id()).isPresent();
  }

  @Test
  void parse_size_upTo8000000Bytes() {
    String largest = "{'a':'" + "x".repeat(7_999_992) + "'}";
    assertThat(input(largest).body()).hasSize(8_000_000);
    assertThat(failure("{'_id':'d','a':'" + "x".repeat(7_999_993) + "'}"))
        .isEqualTo("document_too_large: d");
    assertThat(failure("{'a':'" + "x".repeat(7_999_993) + "'}"))
        .isEqualTo("document_too_large: ");
    assertThat(failure("{'_id':'d','a':'" + "x".repeat(9_000_000) + "'}"))
        .isEqualTo("document_too_large: d");
    assertThat(failure("{'_id':'d','a':{'b':[" + "1,".repeat(4_000_000) + "1]}}"))
        .isEqualTo("document_too_large: d");
    assertThat(failure("{'_id':'d','a':1" + ",'b':1".repeat(4_000_000) + "}"))
        .isEqualTo("document_too_large: d");
  }

  @Test
  void parse_knownId_namedWhereTheDocumentDoesNot() {
    byte[] json = utf8("{\"a\":\"" + "x".repeat(8_000_000) + "\"}");
    assertThatExceptionOfType(DocumentException.TooLarge.class)
        .isThrownBy(() -> new DocumentParser(DocumentLimits.STORAGE, "known").parse(json))
        .withMessage("known");
  }

  @Test
  void parse_depth_documentCounts() {
    String longest = "{'a':" + "[".repeat(499) + "]".repeat(499) + "}";
    assertThat(input(longest).body()).hasSize(longest.length());
    assertThat(failure("{'a':" + "[".repeat(500) + "]".repeat(500) + "}"))
        .startsWith("bad_request: JSON exceeds a limit: ");
  }

  @Test
  void parse_withinABatch_sameLimitOfDepth() {
    String deep = "{\"a\":" + "[".repeat(499) + "]".repeat(499) + "}";
    try (var parser = Json.parser(utf8("{\"docs\":[" + deep + "]}"))) {
      for (int i = 0; i < 4; i++) {
        parser.nextToken();
      }
      assertThat(new DocumentParser().parse(parser).body()).hasSize(deep.length());
    }
  }

  @Test
  void parse_afterAFailure_startsAnew() {
    DocumentParser parser = new DocumentParser();
    assertThatExceptionOfType(DocumentException.class)
        .isThrownBy(() -> parser.parse(utf8("{\"_id\":\"x\",\"_deleted\":true,\"a\":1,\"_b\":1}")));
    DocumentInput input = parser.parse(utf8("{\"c\":1}"));
    assertThat(input.id()).isEmpty();
    assertThat(input.deleted()).isFalse();
    assertThat(text(input.body())).isEqualTo("{\"c\":1}");
  }
}
