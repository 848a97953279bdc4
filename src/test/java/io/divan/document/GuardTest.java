package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.Capability;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.WriteTransaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardTest {
  private static final Principal ANNA = new Principal(Optional.of("anna"), Set.of("staff"));
  private static final Principal BEN = new Principal(Optional.of("ben"), Set.of());
  private static final Principal NOBODY = new Principal(Optional.empty(), Set.of());

  /** Members use the database, its administrators change it. */
  private static final AccessPolicy POLICY =
      new AccessPolicy() {
        @Override
        public void check(
            Principal principal, Action action, String database, SecurityObject security) {
          boolean allowed =
              switch (action) {
                case USE, LIST -> security.isMember(principal);
                case EDIT_DESIGN, ADMINISTER, COMPACT, SET_SECURITY ->
                    security.isAdmin(principal);
                case PURGE -> false;
              };
          if (!allowed) {
            throw new DocumentException.Forbidden(action.name());
          }
        }

        @Override
        public boolean letsEverybodyIntoNew(String database) {
          return database.equals("open");
        }
      };

  private final Databases databases = TestDatabases.databases(POLICY);

  private Database as(Principal principal) {
    return databases.open("places", principal);
  }

  private void security(String json) {
    as(Principal.SERVER_ADMIN)
        .settings()
        .security(SecurityObject.parse(json.getBytes(StandardCharsets.UTF_8)));
  }

  private static DocumentInput document(String id) {
    return new DocumentParser().parse("{}".getBytes(StandardCharsets.UTF_8)).withId(id);
  }

  @Test
  void new_database_isForServerAdministratorsUnlessThePolicyOpensIt() {
    databases.create("places");
    databases.create("open");

    assertThatThrownBy(() -> as(ANNA).info()).isInstanceOf(DocumentException.Forbidden.class);
    assertThat(as(Principal.SERVER_ADMIN).info().docCount()).isZero();
    assertThat(databases.open("open", NOBODY).info().docCount()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "{\"members\":{\"names\":[\"anna\"]}}",
    "{\"members\":{\"roles\":[\"x\",\"staff\"]}}",
    "{\"readers\":{\"names\":[\"anna\"]}}",
    "{\"members\":{\"names\":[\"x\"]},\"admins\":{\"roles\":[\"staff\"]}}"
  })
  void members_use_othersDoNot(String json) {
    databases.create("places");
    security(json);

    as(ANNA).update(List.of(document("paris")));
    assertThat(as(ANNA).get("paris", false, ReadOptions.NONE).revision()).startsWith("1-");
    for (Principal other : List.of(BEN, NOBODY)) {
      List<Consumer<Database>> uses = new ArrayList<>();
      uses.add(Database::info);
      uses.add(database -> database.get("paris", false, ReadOptions.NONE));
      uses.add(database -> database.update(List.of(document("rome"))));
      uses.add(database -> database.replicate(List.of(document("rome"))));
      uses.add(database -> database.copyOf("paris", Optional.empty()));
      uses.add(Database::updateSequence);
      uses.add(Database::revsLimit);
      uses.add(database -> database.settings().security());
      uses.add(
          database -> database
              .changes(new Changes.Query(false, false, false, false))
              .read(io.divan.document.revision.Sequence.ZERO, 10, false));
      for (Consumer<Database> use : uses) {
        assertThatThrownBy(() -> use.accept(as(other)))
            .isInstanceOf(DocumentException.Forbidden.class)
            .hasMessage("USE");
      }
    }
    assertThat(as(Principal.SERVER_ADMIN).info().docCount()).isOne();
  }

  @Test
  void change_ofSecurity_countsForAHandleThatIsOpen() {
    databases.create("places");
    security("{\"members\":{\"names\":[\"anna\"]}}");
    Database handle = as(ANNA);
    handle.info();

    security("{\"members\":{\"names\":[\"ben\"]}}");

    assertThatThrownBy(handle::info).isInstanceOf(DocumentException.Forbidden.class);
    assertThat(as(BEN).info().docCount()).isZero();
  }

  @Test
  void checkEarly_trustsOnlyWhatAllows() {
    databases.create("places");
    security("{\"members\":{\"names\":[\"anna\"]}}");
    assertThatThrownBy(() -> databases.checkEarly("places", BEN, Action.USE))
        .isInstanceOf(DocumentException.Forbidden.class);

    security("{\"members\":{\"names\":[\"ben\"]}}");

    databases.checkEarly("places", BEN, Action.USE);
  }

  @Test
  void members_doNotAdminister() {
    databases.create("places");
    security("{\"members\":{\"names\":[\"anna\"]},\"admins\":{\"names\":[\"ben\"]}}");

    assertThatThrownBy(() -> as(ANNA).revsLimit(5)).hasMessage("ADMINISTER");
    assertThatThrownBy(() -> as(ANNA).settings().security(SecurityObject.everyone()))
        .hasMessage("SET_SECURITY");
    assertThatThrownBy(
        () -> as(BEN).purges().purge(java.util.Map.of("paris", List.of())))
        .hasMessage("PURGE");
    as(BEN).revsLimit(7);
    assertThat(as(ANNA).revsLimit()).isEqualTo(7);
  }

  @Test
  void members_designDocuments_areRefusedOneByOne() {
    databases.create("places");
    security("{\"members\":{\"names\":[\"anna\"]},\"admins\":{\"names\":[\"ben\"]}}");
    List<DocumentInput> edits = List.of(document("a"), document("_design/d"), document("b"));

    assertThat(as(ANNA).update(edits))
        .satisfiesExactly(
            saved -> assertThat(saved).isInstanceOf(UpdateResult.Saved.class),
            refused -> assertThat(((UpdateResult.Refused) refused).reason())
                .hasMessage("EDIT_DESIGN"),
            saved -> assertThat(saved).isInstanceOf(UpdateResult.Saved.class));
    assertThat(as(BEN).update(List.of(document("_design/d"))))
        .first()
        .isInstanceOf(UpdateResult.Saved.class);
  }

  @Test
  void store_ofAHandle_checksNothingForMaintenance() {
    databases.create("places");
    Store store = as(BEN).store();

    assertThat((Object) store.read(transaction -> transaction.configVersion())).isNotNull();
  }

  @Test
  void over_unsyncedWrites_areChecked() {
    Store base = TestDatabases.store();
    Table table = new Table(30, "rows");
    Function<WriteTransaction, Boolean> put =
        transaction -> {
          transaction.put(table, new byte[] {1}, new byte[] {2});
          return true;
        };
    Store bens = new Guard(BEN, POLICY, "db", new DatabaseSettings.Cache("db", Format.CURRENT))
        .over(base);
    Capability.UnsyncedWrites unsynced =
        bens.capability(Capability.UnsyncedWrites.class).orElseThrow();

    assertThatThrownBy(() -> unsynced.writeUnsynced(put))
        .isInstanceOf(DocumentException.Forbidden.class);
    assertThatThrownBy(() -> Capability.UnsyncedWrites.orDurable(bens, put))
        .isInstanceOf(DocumentException.Forbidden.class);
    Page rows = base.read(transaction -> transaction.scan(Range.all(table)));
    assertThat(rows.rows()).isEmpty();
  }
}
