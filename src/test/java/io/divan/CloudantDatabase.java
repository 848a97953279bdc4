package io.divan;

import static org.assertj.core.api.Assertions.assertThat;

import com.ibm.cloud.cloudant.v1.Cloudant;
import com.ibm.cloud.cloudant.v1.model.BulkDocs;
import com.ibm.cloud.cloudant.v1.model.DeleteDatabaseOptions;
import com.ibm.cloud.cloudant.v1.model.Document;
import com.ibm.cloud.cloudant.v1.model.DocumentResult;
import com.ibm.cloud.cloudant.v1.model.GetDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.PostBulkDocsOptions;
import com.ibm.cloud.cloudant.v1.model.PostDocumentOptions;
import com.ibm.cloud.cloudant.v1.model.PutDatabaseOptions;
import com.ibm.cloud.cloudant.v1.model.PutDocumentOptions;
import com.ibm.cloud.sdk.core.security.NoAuthAuthenticator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gives each test a client of the Cloudant SDK and an empty database. */
@ExtendWith(SharedService.class)
abstract class CloudantDatabase {
  static final String DB = "cloudant";

  Cloudant client;

  @BeforeEach
  void createDatabase(Http http) {
    client = new Cloudant("divan", new NoAuthAuthenticator());
    client.setServiceUrl(http.url());
    assertThat(
        client
            .putDatabase(new PutDatabaseOptions.Builder(DB).build())
            .execute()
            .getResult()
            .isOk())
        .isTrue();
  }

  @AfterEach
  void deleteDatabase() {
    client.deleteDatabase(new DeleteDatabaseOptions.Builder(DB).build()).execute();
  }

  static Document document(String id, int number) {
    Document document = new Document();
    document.setId(id);
    document.put("n", number);
    return document;
  }

  DocumentResult post(Document document) {
    return client
        .postDocument(new PostDocumentOptions.Builder(DB).document(document).build())
        .execute()
        .getResult();
  }

  DocumentResult put(Document document) {
    return client
        .putDocument(
            new PutDocumentOptions.Builder(DB, document.getId()).document(document).build())
        .execute()
        .getResult();
  }

  Document get(String id) {
    return client
        .getDocument(new GetDocumentOptions.Builder(DB, id).build())
        .execute()
        .getResult();
  }

  List<DocumentResult> bulk(List<Document> documents, boolean newEdits) {
    BulkDocs batch = new BulkDocs.Builder(documents).newEdits(newEdits).build();
    return client
        .postBulkDocs(new PostBulkDocsOptions.Builder(DB).bulkDocs(batch).build())
        .execute()
        .getResult();
  }
}
