package io.divan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.ibm.cloud.cloudant.features.ChangesFollower;
import com.ibm.cloud.cloudant.features.pagination.Pagination;
import com.ibm.cloud.cloudant.v1.model.AllDocsResult;
import com.ibm.cloud.cloudant.v1.model.Attachment;
import com.ibm.cloud.cloudant.v1.model.BulkGetQueryDocument;
import com.ibm.cloud.cloudant.v1.model.ChangesResult;
import com.ibm.cloud.cloudant.v1.model.ChangesResultItem;
import com.ibm.cloud.cloudant.v1.model.DatabaseInformation;
import com.ibm.cloud.cloudant.v1.model.DeleteAttachmentOptions;
import com.ibm.cloud.cloudant.v1.model.DeleteDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.DesignDocument;
import com.ibm.cloud.cloudant.v1.model.Document;
import com.ibm.cloud.cloudant.v1.model.DocumentResult;
import com.ibm.cloud.cloudant.v1.model.GetAttachmentOptions;
import com.ibm.cloud.cloudant.v1.model.GetDatabaseInformationOptions;
import com.ibm.cloud.cloudant.v1.model.GetDesignDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.GetDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.GetLocalDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.HeadAttachmentOptions;
import com.ibm.cloud.cloudant.v1.model.HeadDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.PostAllDocsOptions;
import com.ibm.cloud.cloudant.v1.model.PostBulkGetOptions;
import com.ibm.cloud.cloudant.v1.model.PostChangesOptions;
import com.ibm.cloud.cloudant.v1.model.PostRevsDiffOptions;
import com.ibm.cloud.cloudant.v1.model.PutAttachmentOptions;
import com.ibm.cloud.cloudant.v1.model.PutDatabaseOptions;
import com.ibm.cloud.cloudant.v1.model.PutDesignDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.PutLocalDocumentOptions;
import com.ibm.cloud.sdk.core.service.exception.ConflictException;
import com.ibm.cloud.sdk.core.service.exception.NotFoundException;
import com.ibm.cloud.sdk.core.service.exception.ServiceResponseException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Uses a third-party CouchDB client as its documentation describes. */
class CloudantClientTest extends CloudantDatabase {

  @Test
  void server_returnsItsVersion() {
    assertThat(client.getServerInformation().execute().getResult().getVersion())
        .isEqualTo("3.5.2");
    assertThat(client.getAllDbs().execute().getResult()).contains(DB);
    assertThat(client.getUuids().execute().getResult().getUuids()).hasSize(1);
    assertThat(client.getUpInformation().execute().getResult().getStatus()).isEqualTo("ok");
    assertThat(client.getSessionInformation().execute().getResult().isOk()).isTrue();
    DatabaseInformation info =
        client
            .getDatabaseInformation(new GetDatabaseInformationOptions.Builder(DB).build())
            .execute()
            .getResult();
    assertThat(info.getDbName()).isEqualTo(DB);
    assertThat(info.getDocCount()).isZero();
    assertThatExceptionOfType(ServiceResponseException.class)
        .isThrownBy(
            () -> client.putDatabase(new PutDatabaseOptions.Builder(DB).build()).execute())
        .satisfies(e -> assertThat(e.getStatusCode()).isEqualTo(412));
  }

  @Test
  void document_createdReadUpdatedDeleted() {
    DocumentResult posted = post(document("zoé/1;=%", 1));
    assertThat(posted.isOk()).isTrue();
    Document read = get("zoé/1;=%");
    assertThat(read.getRev()).isEqualTo(posted.getRev());
    assertThat(read.get("n")).hasToString("1");

    read.put("text", "\uD83D\uDE00 \"quoted\"\n");
    DocumentResult put = put(read);
    assertThat(put.getRev()).startsWith("2-");
    assertThat(get("zoé/1;=%").get("text")).isEqualTo("\uD83D\uDE00 \"quoted\"\n");
    assertThat(
        client
            .headDocument(new HeadDocumentOptions.Builder(DB, "zoé/1;=%").build())
            .execute()
            .getHeaders()
            .values("ETag"))
        .containsExactly('"' + put.getRev() + '"');

    assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> put(read));
    DocumentResult deleted =
        client
            .deleteDocument(
                new DeleteDocumentOptions.Builder(DB, "zoé/1;=%").rev(put.getRev()).build())
            .execute()
            .getResult();
    assertThat(deleted.getRev()).startsWith("3-");
    assertThatExceptionOfType(NotFoundException.class)
        .isThrownBy(() -> get("zoé/1;=%"))
        .satisfies(e -> assertThat(e.getDebuggingInfo()).containsEntry("reason", "deleted"));
  }

  @Test
  void documents_ofABatch_areListedInPages() {
    List<Document> documents =
        IntStream.range(0, 250).mapToObj(i -> document("d%03d".formatted(i), i)).toList();
    List<DocumentResult> results = bulk(documents, true);
    assertThat(results).hasSize(250).allMatch(DocumentResult::isOk);

    AllDocsResult page =
        client
            .postAllDocs(
                new PostAllDocsOptions.Builder(DB)
                    .startKey("d100")
                    .endKey("d199")
                    .limit(30)
                    .skip(10)
                    .includeDocs(true)
                    .build())
            .execute()
            .getResult();
    assertThat(page.getTotalRows()).isEqualTo(250);
    assertThat(page.getRows()).hasSize(30);
    assertThat(page.getRows().getFirst().getId()).isEqualTo("d110");
    assertThat(page.getRows().getFirst().getDoc().get("n")).hasToString("110");

    List<String> all = new ArrayList<>();
    Pagination.newPagination(client, new PostAllDocsOptions.Builder(DB).limit(37).build())
        .rowStream()
        .forEach(row -> all.add(row.getId()));
    assertThat(all).isEqualTo(documents.stream().map(Document::getId).toList());

    AllDocsResult some =
        client
            .postAllDocs(
                new PostAllDocsOptions.Builder(DB).keys(List.of("d007", "none", "d001")).build())
            .execute()
            .getResult();
    assertThat(some.getRows()).extracting(row -> row.getKey())
        .containsExactly("d007", "none", "d001");
    assertThat(some.getRows().get(1).getError()).isEqualTo("not_found");
  }

  @Test
  void conflicts_replicatedIn_areFoundAndReadByRevision() {
    Document first = document("a", 1);
    first.setRev("1-a");
    Document second = document("a", 2);
    second.setRev("1-b");
    assertThat(bulk(List.of(first, second), false)).isEmpty();
    assertThat(bulk(List.of(document("a", 3)), true).getFirst().getError()).isEqualTo("conflict");

    Document winner =
        client
            .getDocument(new GetDocumentOptions.Builder(DB, "a").conflicts(true).build())
            .execute()
            .getResult();
    assertThat(winner.getRev()).isEqualTo("1-b");
    assertThat(winner.getConflicts()).containsExactly("1-a");

    var found =
        client
            .postBulkGet(
                new PostBulkGetOptions.Builder(
                    DB,
                    List.of(
                        new BulkGetQueryDocument.Builder("a").rev("1-a").build(),
                        new BulkGetQueryDocument.Builder("a").rev("1-z").build()))
                    .build())
            .execute()
            .getResult()
            .getResults();
    assertThat(found.get(0).getDocs().getFirst().getOk().get("n")).hasToString("1");
    assertThat(found.get(1).getDocs().getFirst().getError().getError()).isEqualTo("not_found");

    var missing =
        client
            .postRevsDiff(
                new PostRevsDiffOptions.Builder(DB, Map.of("a", List.of("1-a", "2-x"))).build())
            .execute()
            .getResult();
    assertThat(missing.get("a").getMissing()).containsExactly("2-x");
    assertThat(missing.get("a").getPossibleAncestors()).containsExactlyInAnyOrder("1-a", "1-b");
  }

  @Test
  void changes_readInPages_andFollowed() {
    bulk(IntStream.range(0, 120).mapToObj(i -> document("d" + i, i)).toList(), true);

    ChangesResult page =
        client
            .postChanges(new PostChangesOptions.Builder(DB).limit(100).includeDocs(true).build())
            .execute()
            .getResult();
    assertThat(page.getResults()).hasSize(100);
    assertThat(page.getPending()).isEqualTo(20);
    ChangesResult rest =
        client
            .postChanges(new PostChangesOptions.Builder(DB).since(page.getLastSeq()).build())
            .execute()
            .getResult();
    assertThat(rest.getResults()).hasSize(20);
    assertThat(rest.getPending()).isZero();

    assertThat(new ChangesFollower(client, new PostChangesOptions.Builder(DB).build())
        .startOneOff())
        .extracting(ChangesResultItem::getId)
        .hasSize(120)
        .startsWith("d0", "d1")
        .endsWith("d119");
  }

  @Test
  void follower_thatWaits_receivesChanges() {
    post(document("before", 1));
    ChangesFollower follower =
        new ChangesFollower(client, new PostChangesOptions.Builder(DB).since("0").build());
    Iterator<ChangesResultItem> changes = follower.start().iterator();
    try {
      assertThat(changes.next().getId()).isEqualTo("before");
      for (int i = 0; i < 5; i++) {
        post(document("after" + i, i));
        assertThat(changes.next().getId()).isEqualTo("after" + i);
      }
    } finally {
      follower.stop();
    }
  }

  @Test
  void localAndDesignDocuments_areSeparate() {
    client
        .putLocalDocument(
            new PutLocalDocumentOptions.Builder(DB, "checkpoint")
                .document(document("_local/checkpoint", 7))
                .build())
        .execute();
    Document local =
        client
            .getLocalDocument(new GetLocalDocumentOptions.Builder(DB, "checkpoint").build())
            .execute()
            .getResult();
    assertThat(local.getRev()).isEqualTo("0-1");
    assertThat(local.get("n")).hasToString("7");

    client
        .putDesignDocument(
            new PutDesignDocumentOptions.Builder(
                DB, "d", new DesignDocument.Builder().language("query").build())
                .build())
        .execute();
    DesignDocument design =
        client
            .getDesignDocument(new GetDesignDocumentOptions.Builder(DB, "d").build())
            .execute()
            .getResult();
    assertThat(design.getLanguage()).isEqualTo("query");
    assertThat(
        client
            .postAllDocs(new PostAllDocsOptions.Builder(DB).build())
            .execute()
            .getResult()
            .getRows())
        .extracting(row -> row.getId())
        .containsExactly("_design/d");
  }

  @Test
  void attachments_storedReadReplacedDeleted() throws IOException {
    byte[] bytes = new byte[200_000];
    new Random(17).nextBytes(bytes);
    String first =
        client
            .putAttachment(
                new PutAttachmentOptions.Builder(
                    DB, "ä/1", "pic/a b.png", new ByteArrayInputStream(bytes), "image/png")
                    .build())
            .execute()
            .getResult()
            .getRev();
    try (InputStream read =
        client
            .getAttachment(new GetAttachmentOptions.Builder(DB, "ä/1", "pic/a b.png").build())
            .execute()
            .getResult()) {
      assertThat(read.readAllBytes()).isEqualTo(bytes);
    }
    Document document = get("ä/1");
    assertThat(document.getRev()).isEqualTo(first);
    Attachment stub = document.getAttachments().get("pic/a b.png");
    assertThat(stub.length()).isEqualTo(bytes.length);
    assertThat(stub.stub()).isTrue();

    document.getAttachments()
        .put(
            "note.txt",
            new Attachment.Builder()
                .contentType("text/plain")
                .data("This is a base64 encoded text".getBytes(StandardCharsets.UTF_8))
                .build());
    String second = put(document).getRev();
    Document whole =
        client
            .getDocument(
                new GetDocumentOptions.Builder(DB, "ä/1").attachments(true).build())
            .execute()
            .getResult();
    assertThat(whole.getAttachments().get("pic/a b.png").data()).isEqualTo(bytes);
    assertThat(whole.getAttachments().get("note.txt").digest())
        .isEqualTo("md5-qUUYqS41RhwF0TrCsTAxFg==");
    client
        .deleteAttachment(
            new DeleteAttachmentOptions.Builder(DB, "ä/1", "note.txt").rev(second).build())
        .execute();
    assertThatExceptionOfType(NotFoundException.class)
        .isThrownBy(
            () -> client
                .headAttachment(new HeadAttachmentOptions.Builder(DB, "ä/1", "note.txt").build())
                .execute());
  }
}
