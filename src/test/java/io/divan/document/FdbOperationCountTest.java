package io.divan.document;

import static io.divan.document.TestDatabases.get;
import static io.divan.document.TestDatabases.input;
import static io.divan.document.TestDatabases.saved;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.divan.document.revision.Revision;
import io.divan.document.revision.Sequence;
import io.divan.storage.StorageAdapter;
import io.divan.storage.fdb.CountingDatabase;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the service asks of FoundationDB, as figures: unlike times they are the same everywhere.
 * docs/foundationdb.md shows them.
 */
class FdbOperationCountTest {
  private final CountingDatabase counting =
      new CountingDatabase(new SimulatedFoundationDb().open());
  private final StorageAdapter adapter = counting.adapter();
  private final Databases databases = new Databases(adapter, Clock.systemUTC());
  private int readVersions;

  @BeforeEach
  void create() {
    databases.create("db");
    saved(databases.open("db"), "{'_id':'first'}"); // what a new handle asks once
    counting.take();
  }

  @AfterEach
  void close() {
    adapter.close();
  }

  /** Asks for a read version to find the database. */
  private Database database() {
    readVersions = 2;
    return databases.open("db");
  }

  /** Asks for none, as requests do that are about one document. */
  private Database found() {
    readVersions = 1;
    return databases.openForRequest("db", Principal.SERVER_ADMIN);
  }

  private static List<DocumentInput> documents(int count, String prefix) {
    List<DocumentInput> documents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      documents.add(input("{'_id':'" + prefix + i + "','n':1}"));
    }
    return documents;
  }

  /**
   * Compares what was asked. The directory's prefix and the database's are drawn at random, and
   * each may be a byte shorter than it mostly is: so may be every key.
   */
  private void assertAsked(int reads, int rounds, int writes, int bytes) {
    CountingDatabase.Counts counts = counting.take();
    assertThat(counts.readVersions()).as("read versions").isEqualTo(readVersions);
    assertThat(counts.reads()).as("reads").isEqualTo(reads);
    assertThat(counts.rounds()).as("round trips").isEqualTo(rounds);
    assertThat(counts.writes()).as("keys written").isEqualTo(writes);
    assertThat(counts.commits()).isEqualTo(writes > 0 ? 1 : 0);
    assertThat((int) counts.bytes()).as("bytes").isCloseTo(bytes, within(2 * writes));
  }

  @Test
  void open_known_asksForNothing() {
    databases.open("db");
    CountingDatabase.Counts counts = counting.take();
    assertThat(counts.readVersions()).isEqualTo(1);
    assertThat(counts.reads()).isZero();
  }

  @Test
  void document_createdReadAndUpdated() {
    String revision = saved(found(), "{'_id':'a','name':'Oslo','country':'NO'}");
    assertAsked(2, 1, 10, 418);
    get(found(), "a");
    assertAsked(2, 2, 0, 0);
    saved(found(), "{'_id':'a','_rev':'" + revision + "','name':'Oslo','country':'no'}");
    assertAsked(2, 1, 10, 426);
  }

  @Test
  void attachment_readByRevision_needsNoTree() {
    Database database = found();
    String revision =
        TestAttachments.put(database, "a", Optional.empty(), "x", new byte[] {1});
    found().attachment("a", "x", Optional.empty(), false); // sees the new format
    counting.take();
    found().attachment("a", "x", Optional.empty(), false);
    assertAsked(3, 3, 0, 0);
    found().attachment("a", "x", Revision.parse(revision), false);
    assertAsked(2, 2, 0, 0);
    found().copyOf("a", Revision.parse(revision));
    assertAsked(1, 1, 0, 0);
  }

  @Test
  void document_deleted_isOneTransaction() {
    String revision = saved(found(), "{'_id':'a','name':'Oslo'}");
    counting.take();
    assertThat(found().delete(DocumentInput.deletion("a", Revision.parse(revision))))
        .isInstanceOf(UpdateResult.Saved.class);
    assertAsked(2, 1, 14, 513);
    assertThat(found().delete(DocumentInput.deletion("a", Revision.parse(revision))))
        .isInstanceOf(UpdateResult.Refused.class);
    assertAsked(2, 1, 0, 0);
  }

  @Test
  void bulk_ofAThousand_isOneRoundTrip() {
    database().update(documents(1_000, "bulk"));
    assertAsked(1_001, 1, 4_006, 212_515);
    database().update(documents(1_000, "_local/"));
    assertAsked(1_000, 1, 1_002, 31_963);
  }

  @Test
  void bulk_updatingAThousand_isOneRoundTrip() {
    List<UpdateResult> saved = database().update(documents(1_000, "bulk"));
    counting.take();
    List<DocumentInput> edits = new ArrayList<>();
    for (UpdateResult result : saved) {
      UpdateResult.Saved each = (UpdateResult.Saved) result;
      edits.add(input("{'_id':'" + each.id() + "','_rev':'" + each.revision() + "','n':2}"));
    }
    assertThat(database().update(edits)).hasOnlyElementsOfType(UpdateResult.Saved.class);
    assertAsked(1_001, 1, 6_004, 296_593);
  }

  @Test
  void pages_ofListingAndChanges() {
    database().update(documents(200, "bulk"));
    counting.take();
    assertThat(rows(false)).isEqualTo(201);
    assertAsked(3, 2, 0, 0);
    assertThat(rows(true)).isEqualTo(201);
    assertAsked(3 + 201, 3, 0, 0);
    assertThat(changes(false)).isEqualTo(100);
    assertAsked(2, 1, 0, 0);
    assertThat(changes(true)).isEqualTo(100);
    assertAsked(2 + 100, 2, 0, 0);
  }

  @Test
  void documents_byKey_areTwoRoundTrips() {
    database().update(documents(500, "bulk"));
    counting.take();
    List<String> ids = documents(500, "bulk").stream().map(DocumentInput::requireId).toList();
    assertThat(database().byKey(ids, true, false).next()).hasSize(500);
    assertAsked(1_000, 2, 0, 0);
  }

  private int rows(boolean docs) {
    AllDocs listing =
        database()
            .allDocs(
                new AllDocs.Query(
                    Optional.empty(), Optional.empty(), true, false, 0, 1_000, docs, false));
    listing.begin();
    int rows = 0;
    while (listing.hasNext()) {
      rows += listing.next().size();
    }
    return rows;
  }

  private int changes(boolean docs) {
    return database()
        .changes(new Changes.Query(false, docs, false, false))
        .read(Sequence.ZERO, 100, false)
        .changes()
        .size();
  }
}
