package io.divan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.ibm.cloud.cloudant.v1.Cloudant;
import com.ibm.cloud.cloudant.v1.model.AllDocsQuery;
import com.ibm.cloud.cloudant.v1.model.AllDocsResult;
import com.ibm.cloud.cloudant.v1.model.BulkGetQueryDocument;
import com.ibm.cloud.cloudant.v1.model.ChangesResultItem;
import com.ibm.cloud.cloudant.v1.model.DbsInfoResult;
import com.ibm.cloud.cloudant.v1.model.DeleteDatabaseOptions;
import com.ibm.cloud.cloudant.v1.model.DeleteDesignDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.DeleteDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.DeleteIndexOptions;
import com.ibm.cloud.cloudant.v1.model.DeleteLocalDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.DeleteReplicationDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.DesignDocument;
import com.ibm.cloud.cloudant.v1.model.Document;
import com.ibm.cloud.cloudant.v1.model.DocumentResult;
import com.ibm.cloud.cloudant.v1.model.GetAllDbsOptions;
import com.ibm.cloud.cloudant.v1.model.GetDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.GetIndexesInformationOptions;
import com.ibm.cloud.cloudant.v1.model.GetReplicationDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.GetSecurityOptions;
import com.ibm.cloud.cloudant.v1.model.GetUuidsOptions;
import com.ibm.cloud.cloudant.v1.model.HeadDatabaseOptions;
import com.ibm.cloud.cloudant.v1.model.HeadDesignDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.HeadDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.HeadLocalDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.HeadReplicationDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.IndexDefinition;
import com.ibm.cloud.cloudant.v1.model.IndexField;
import com.ibm.cloud.cloudant.v1.model.PostAllDocsOptions;
import com.ibm.cloud.cloudant.v1.model.PostAllDocsQueriesOptions;
import com.ibm.cloud.cloudant.v1.model.PostBulkGetOptions;
import com.ibm.cloud.cloudant.v1.model.PostChangesOptions;
import com.ibm.cloud.cloudant.v1.model.PostDbsInfoOptions;
import com.ibm.cloud.cloudant.v1.model.PostDesignDocsOptions;
import com.ibm.cloud.cloudant.v1.model.PostDesignDocsQueriesOptions;
import com.ibm.cloud.cloudant.v1.model.PostExplainOptions;
import com.ibm.cloud.cloudant.v1.model.PostFindOptions;
import com.ibm.cloud.cloudant.v1.model.PostIndexOptions;
import com.ibm.cloud.cloudant.v1.model.PostReplicatorOptions;
import com.ibm.cloud.cloudant.v1.model.PutDatabaseOptions;
import com.ibm.cloud.cloudant.v1.model.PutDesignDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.PutLocalDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.PutReplicationDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.PutSecurityOptions;
import com.ibm.cloud.cloudant.v1.model.ReplicationDatabase;
import com.ibm.cloud.cloudant.v1.model.ReplicationDocument;
import com.ibm.cloud.cloudant.v1.model.Security;
import com.ibm.cloud.cloudant.v1.model.SecurityObject;
import com.ibm.cloud.sdk.core.http.ServiceCall;
import com.ibm.cloud.sdk.core.service.exception.NotFoundException;
import com.ibm.cloud.sdk.core.service.exception.ServiceResponseException;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation of the Cloudant SDK works, or is refused with 501. */
class CloudantOperationsTest extends CloudantDatabase {
  private static final String NO_COUCHDB =
      "ActivityTrackerEvents|ApiKeys|Capacity(Databases|Throughput)[A-Za-z]*"
          + "|Current(Databases|Throughput)Information|Cors(Information|Configuration)"
          + "|CloudantSecurityConfiguration";
  private static final String NOT_SERVED =
      "getDbUpdates|get(Shards|DocumentShards)Info(rmation)?"
          + "|postView.*|postSearch.*|getSearch.*|postPartition.*|getPartition.*"
          + "|getDesignDocumentInformation|(get|head)Scheduler.*";

  /** All operations of the SDK that CouchDB supports. */
  static List<String> operations() {
    return Arrays.stream(Cloudant.class.getMethods())
        .filter(method -> method.getReturnType() == ServiceCall.class)
        .map(Method::getName)
        .filter(name -> !name.matches("(get|post|put)(" + NO_COUCHDB + ")"))
        .distinct()
        .sorted()
        .toList();
  }

  static List<String> operationsNotServed() {
    return operations().stream().filter(name -> name.matches(NOT_SERVED)).toList();
  }

  @Test
  void operations_thatAreSupported_areAllCalledByTheseTests() {
    Set<String> called =
        new ClassFileImporter()
            .importClasses(
                CloudantClientTest.class, CloudantOperationsTest.class, CloudantDatabase.class)
            .stream()
            .flatMap(tests -> tests.getMethodCallsFromSelf().stream())
            .filter(call -> call.getTargetOwner().getName().equals(Cloudant.class.getName()))
            .map(call -> call.getTarget().getName())
            .collect(Collectors.toSet());

    assertThat(operations().stream().filter(name -> !name.matches(NOT_SERVED)))
        .hasSizeGreaterThan(40)
        .isSubsetOf(called);
  }

  @Test
  void queries_withAnIndex_findExplainAndStream() throws IOException {
    Document document = new Document();
    document.setId("q1");
    document.put("city", "Paris");
    post(document);
    IndexField field = new IndexField.Builder().add("city", "asc").build();
    IndexDefinition definition = new IndexDefinition.Builder(List.of(field)).build();
    PostIndexOptions index =
        new PostIndexOptions.Builder(DB, definition).ddoc("q").name("city").build();
    assertThat(client.postIndex(index).execute().getResult().getResult()).isEqualTo("created");
    assertThat(
        client
            .getIndexesInformation(new GetIndexesInformationOptions.Builder(DB).build())
            .execute()
            .getResult()
            .getTotalRows())
        .isEqualTo(2);

    Map<String, Object> selector = Map.of("city", "Paris");
    PostFindOptions find = new PostFindOptions.Builder(DB, selector).build();
    assertThat(client.postFind(find).execute().getResult().getDocs())
        .extracting(Document::getId)
        .containsExactly("q1");
    try (InputStream stream = client.postFindAsStream(find).execute().getResult()) {
      assertThat(new String(stream.readAllBytes(), StandardCharsets.UTF_8)).contains("q1");
    }
    assertThat(
        client
            .postExplain(new PostExplainOptions.Builder(DB, selector).build())
            .execute()
            .getResult()
            .getIndex()
            .getName())
        .isEqualTo("city");

    client
        .deleteIndex(new DeleteIndexOptions.Builder(DB, "q", "json", "city").build())
        .execute();
    assertThat(client.postFind(find).execute().getResult().getWarning())
        .startsWith("No matching index found");
  }

  @ParameterizedTest
  @MethodSource("operationsNotServed")
  void operation_notSupported_isNotImplemented(String name) throws ReflectiveOperationException {
    Method method =
        Arrays.stream(Cloudant.class.getMethods())
            .filter(each -> each.getName().equals(name))
            .max(Comparator.comparing(Method::getParameterCount))
            .orElseThrow();
    Object options = least(method.getParameterTypes()[0]);
    ServiceCall<?> call = (ServiceCall<?>) method.invoke(client, options);

    assertThatExceptionOfType(ServiceResponseException.class)
        .isThrownBy(call::execute)
        .satisfies(e -> assertThat(e.getStatusCode()).isEqualTo(501));
  }

  /** Creates options with their required parts only. */
  private static Object least(Class<?> type) throws ReflectiveOperationException {
    if (type == String.class) {
      return "x";
    }
    if (type == List.class) {
      return List.of();
    }
    if (type == Map.class) {
      return Map.of();
    }
    if (type == InputStream.class) {
      return new ByteArrayInputStream(new byte[1]);
    }
    Class<?> builder = Class.forName(type.getName() + "$Builder");
    Constructor<?> most =
        Arrays.stream(builder.getConstructors())
            .max(Comparator.comparing(Constructor::getParameterCount))
            .orElseThrow();
    Object[] arguments = new Object[most.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      Class<?> part = most.getParameterTypes()[i];
      arguments[i] = i == 0 && part == String.class ? DB : least(part);
    }
    return builder.getMethod("build").invoke(most.newInstance(arguments));
  }

  @Test
  void server_describesItselfAndItsDatabases() {
    assertThat(client.headUpInformation().execute().getStatusCode()).isEqualTo(200);
    assertThat(client.getUuids(new GetUuidsOptions.Builder().count(3).build()).execute().getResult()
        .getUuids())
        .hasSize(3)
        .doesNotHaveDuplicates()
        .allMatch(uuid -> uuid.matches("[0-9a-f]{32}"));
    assertThat(client.getActiveTasks().execute().getResult()).isNotNull();
    assertThat(client.getMembershipInformation().execute().getResult().getClusterNodes())
        .isNotEmpty()
        .isEqualTo(client.getMembershipInformation().execute().getResult().getAllNodes());
    assertThat(client.headDatabase(new HeadDatabaseOptions.Builder(DB).build()).execute()
        .getStatusCode())
        .isEqualTo(200);
    String name = '"' + DB + '"';
    assertThat(
        client
            .getAllDbs(new GetAllDbsOptions.Builder().startKey(name).endKey(name).build())
            .execute()
            .getResult())
        .containsExactly(DB);
    post(document("a", 1));
    List<DbsInfoResult> infos =
        client
            .postDbsInfo(new PostDbsInfoOptions.Builder(List.of(DB, "no-such")).build())
            .execute()
            .getResult();
    assertThat(infos.get(0).getInfo().getDocCount()).isEqualTo(1);
    assertThat(infos.get(0).getInfo().getCluster().getQ()).isPositive();
    assertThat(infos.get(1).getError()).isEqualTo("not_found");
  }

  @Test
  void security_isStored() {
    SecurityObject members = new SecurityObject.Builder().addNames("zoé").addRoles("r").build();
    assertThat(
        client
            .putSecurity(new PutSecurityOptions.Builder(DB).members(members).build())
            .execute()
            .getResult()
            .isOk())
        .isTrue();
    Security kept =
        client.getSecurity(new GetSecurityOptions.Builder(DB).build()).execute().getResult();
    assertThat(kept.members()).isEqualTo(members);
  }

  @Test
  void document_readWithAllOptions() {
    DocumentResult first = post(document("a", 1));
    Document second = document("a", 2);
    second.setRev(first.getRev());
    DocumentResult edited = put(second);
    Document rival = document("a", 3);
    rival.setRev("1-0");
    bulk(List.of(rival), false);

    Document read =
        client
            .getDocument(
                new GetDocumentOptions.Builder(DB, "a")
                    .meta(true)
                    .revs(true)
                    .localSeq(true)
                    .build())
            .execute()
            .getResult();
    assertThat(read.getRevisions().start()).isEqualTo(2);
    assertThat(read.getRevsInfo()).extracting(info -> info.status())
        .containsExactly("available", "available");
    assertThat(read.getConflicts()).containsExactly("1-0");
    assertThat(read.getLocalSeq()).isNotEmpty();

    DocumentResult gone =
        client
            .deleteDocument(new DeleteDocumentOptions.Builder(DB, "a").ifMatch("1-0").build())
            .execute()
            .getResult();
    assertThat(
        client
            .getDocument(
                new GetDocumentOptions.Builder(DB, "a").deletedConflicts(true).build())
            .execute()
            .getResult()
            .getDeletedConflicts())
        .containsExactly(gone.getRev());
    assertThat(
        client
            .headDocument(
                new HeadDocumentOptions.Builder(DB, "a").rev(first.getRev()).build())
            .execute()
            .getHeaders()
            .values("ETag"))
        .containsExactly('"' + first.getRev() + '"');
    HeadDocumentOptions known =
        new HeadDocumentOptions.Builder(DB, "a").ifNoneMatch('"' + edited.getRev() + '"').build();
    assertThatExceptionOfType(ServiceResponseException.class)
        .isThrownBy(() -> client.headDocument(known).execute())
        .satisfies(e -> assertThat(e.getStatusCode()).isEqualTo(304));
  }

  @Test
  void documents_readAsStreams_areTheSame() {
    DocumentResult posted = post(document("a", 1));
    GetDocumentOptions a = new GetDocumentOptions.Builder(DB, "a").build();
    String document =
        "{\"_id\":\"a\",\"_rev\":\"" + posted.getRev() + "\",\"n\":1}";
    assertThat(text(client.getDocumentAsStream(a))).isEqualToIgnoringNewLines(document);
    assertThat(text(client.getDocumentAsMixed(a))).contains(document);
    assertThat(text(client.getDocumentAsRelated(a))).contains(document);
    PostBulkGetOptions both =
        new PostBulkGetOptions.Builder(
            DB, List.of(new BulkGetQueryDocument.Builder("a").build()))
            .build();
    assertThat(text(client.postBulkGetAsStream(both))).contains(document);
    assertThat(text(client.postBulkGetAsMixed(both))).contains(document);
    assertThat(text(client.postBulkGetAsRelated(both))).contains(document);
    assertThat(text(client.postAllDocsAsStream(new PostAllDocsOptions.Builder(DB).build())))
        .contains("\"total_rows\":1", posted.getRev());
    assertThat(text(client.postChangesAsStream(new PostChangesOptions.Builder(DB).build())))
        .contains("\"pending\":0", posted.getRev());
    assertThat(
        text(
            client.postAllDocsQueriesAsStream(
                new PostAllDocsQueriesOptions.Builder(
                    DB, List.of(new AllDocsQuery.Builder().key("a").build()))
                    .build())))
        .contains(posted.getRev());
  }

  @Test
  void documents_listedBySeveralQueries() {
    bulk(List.of(document("a", 1), document("b", 2), document("c", 3)), true);
    List<AllDocsQuery> queries =
        List.of(
            new AllDocsQuery.Builder().keys(List.of("c", "none")).build(),
            new AllDocsQuery.Builder().startKey("b").includeDocs(true).limit(1).build());
    List<AllDocsResult> results =
        client
            .postAllDocsQueries(new PostAllDocsQueriesOptions.Builder(DB, queries).build())
            .execute()
            .getResult()
            .getResults();
    assertThat(results.get(0).getRows()).extracting(row -> row.getKey())
        .containsExactly("c", "none");
    assertThat(results.get(1).getRows()).singleElement()
        .satisfies(row -> assertThat(row.getDoc().get("n")).hasToString("2"));
    assertThat(
        client
            .postAllDocs(
                new PostAllDocsOptions.Builder(DB).descending(true).updateSeq(true).build())
            .execute()
            .getResult())
        .satisfies(all -> assertThat(all.getUpdateSeq()).isNotEmpty())
        .satisfies(all -> assertThat(all.getRows()).extracting(row -> row.getId())
            .containsExactly("c", "b", "a"));
  }

  @Test
  void designDocuments_listedReadAndDeleted() {
    bulk(List.of(document("a", 1), document("z", 1)), true);
    String rev = putDesign("d1");
    putDesign("d2");
    assertThat(
        client
            .postDesignDocs(new PostDesignDocsOptions.Builder(DB).includeDocs(true).build())
            .execute()
            .getResult()
            .getRows())
        .extracting(row -> row.getDoc().getId())
        .containsExactly("_design/d1", "_design/d2");
    AllDocsQuery last = new AllDocsQuery.Builder().descending(true).limit(1).build();
    assertThat(
        client
            .postDesignDocsQueries(
                new PostDesignDocsQueriesOptions.Builder(DB, List.of(last)).build())
            .execute()
            .getResult()
            .getResults()
            .getFirst()
            .getRows())
        .extracting(row -> row.getId())
        .containsExactly("_design/d2");
    assertThat(
        client
            .headDesignDocument(new HeadDesignDocumentOptions.Builder(DB, "d1").build())
            .execute()
            .getHeaders()
            .values("ETag"))
        .containsExactly('"' + rev + '"');
    client
        .deleteDesignDocument(new DeleteDesignDocumentOptions.Builder(DB, "d1").rev(rev).build())
        .execute();
    assertThatExceptionOfType(NotFoundException.class)
        .isThrownBy(
            () -> client
                .headDesignDocument(new HeadDesignDocumentOptions.Builder(DB, "d1").build())
                .execute());
  }

  @Test
  void localDocument_isDeleted() {
    client
        .putLocalDocument(
            new PutLocalDocumentOptions.Builder(DB, "l").document(new Document()).build())
        .execute();
    HeadLocalDocumentOptions head = new HeadLocalDocumentOptions.Builder(DB, "l").build();
    assertThat(client.headLocalDocument(head).execute().getStatusCode()).isEqualTo(200);
    client.deleteLocalDocument(new DeleteLocalDocumentOptions.Builder(DB, "l").build()).execute();
    assertThatExceptionOfType(NotFoundException.class)
        .isThrownBy(() -> client.headLocalDocument(head).execute());
  }

  @Test
  void changes_ofSomeDocumentsOnly() {
    bulk(List.of(document("a", 1), document("b", 20), document("c", 30)), true);
    putDesign("d");

    assertThat(ids(changes().docIds(List.of("a", "c")).filter("_doc_ids")))
        .containsExactly("a", "c");
    assertThat(ids(changes().selector(Map.of("n", Map.of("$gte", 20))).filter("_selector")))
        .containsExactly("b", "c");
    assertThat(ids(changes().filter("_design"))).containsExactly("_design/d");
    assertThat(ids(changes().descending(true).limit(2))).containsExactly("_design/d", "c");
    List<ChangesResultItem> whole =
        client
            .postChanges(changes().includeDocs(true).style("all_docs").build())
            .execute()
            .getResult()
            .getResults();
    assertThat(whole).hasSize(4);
    assertThat(whole.getFirst().getDoc().get("n")).hasToString("1");
    PostChangesOptions events =
        changes().feed("eventsource").lastEventId(whole.get(2).getSeq()).timeout(1).build();
    assertThat(text(client.postChangesAsStream(events)))
        .contains("data: ", "\"id\":\"_design/d\"")
        .doesNotContain("\"id\":\"c\"");
  }

  @Test
  void replicationDocuments_areStored() {
    PutDatabaseOptions replicator = new PutDatabaseOptions.Builder("_replicator").build();
    client.putDatabase(replicator).execute();
    try {
      ReplicationDocument document =
          new ReplicationDocument.Builder()
              .source(new ReplicationDatabase.Builder("http://127.0.0.1:1/a").build())
              .target(new ReplicationDatabase.Builder("http://127.0.0.1:1/b").build())
              .build();
      assertThat(
          client
              .postReplicator(new PostReplicatorOptions.Builder(document).build())
              .execute()
              .getResult()
              .isOk())
          .isTrue();
      String rev =
          client
              .putReplicationDocument(
                  new PutReplicationDocumentOptions.Builder("r", document).build())
              .execute()
              .getResult()
              .getRev();
      assertThat(
          client
              .getReplicationDocument(new GetReplicationDocumentOptions.Builder("r").build())
              .execute()
              .getResult()
              .getSource()
              .url())
          .isEqualTo("http://127.0.0.1:1/a");
      assertThat(
          client
              .headReplicationDocument(new HeadReplicationDocumentOptions.Builder("r").build())
              .execute()
              .getHeaders()
              .values("ETag"))
          .containsExactly('"' + rev + '"');
      assertThat(
          client
              .deleteReplicationDocument(
                  new DeleteReplicationDocumentOptions.Builder("r").rev(rev).build())
              .execute()
              .getResult()
              .isOk())
          .isTrue();
    } finally {
      client
          .deleteDatabase(new DeleteDatabaseOptions.Builder("_replicator").build())
          .execute();
    }
  }

  private String putDesign(String name) {
    DesignDocument design = new DesignDocument.Builder().language("query").build();
    return client
        .putDesignDocument(new PutDesignDocumentOptions.Builder(DB, name, design).build())
        .execute()
        .getResult()
        .getRev();
  }

  private static PostChangesOptions.Builder changes() {
    return new PostChangesOptions.Builder(DB);
  }

  private List<String> ids(PostChangesOptions.Builder options) {
    return client.postChanges(options.build()).execute().getResult().getResults().stream()
        .map(ChangesResultItem::getId)
        .toList();
  }

  private static String text(ServiceCall<InputStream> call) {
    try (InputStream in = call.execute().getResult()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
