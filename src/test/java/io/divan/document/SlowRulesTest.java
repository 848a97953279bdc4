package io.divan.document;

import static io.divan.document.TestDatabases.replicate;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.storage.ForwardingStore;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Rules that run before the transaction. The test's rules stand in for validation functions: each
 * design document with a {@code refuse} member refuses the documents that contain its text.
 */
class SlowRulesTest {

  /** Counts transactions. */
  private static final class CountingStore extends ForwardingStore {
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger writes = new AtomicInteger();

    CountingStore(Store store) {
      super(store);
    }

    @Override
    public <T> T read(Function<ReadTransaction, T> work) {
      reads.incrementAndGet();
      return super.read(work);
    }

    @Override
    public <T> Written<T> write(Function<WriteTransaction, T> work) {
      writes.incrementAndGet();
      return super.write(work);
    }

    String take() {
      return reads.getAndSet(0) + " reads, " + writes.getAndSet(0) + " writes";
    }
  }

  private static final DerivedValue<List<String>> REFUSED =
      transaction -> {
        List<String> refused = new ArrayList<>();
        for (DesignDocuments.DesignDocument design : DesignDocuments.read(transaction)) {
          String body = text(design.body());
          if (body.startsWith("{\"refuse\":\"")) {
            refused.add(body.substring(11, body.length() - 2));
          }
        }
        return refused;
      };

  private final List<String> seen = new ArrayList<>();
  private Runnable whileRuleRuns = () -> {};
  private final CountingStore store = new CountingStore(TestDatabases.create().store());
  private final Database database =
      new Database(
          store,
          commit -> {},
          new EditHooks(List.of(), List.of(this::rule), List.of(DesignDocuments.BUMP)));

  private Optional<EditRule> rule(EditContext context) {
    List<String> refused = context.derived(REFUSED);
    String security = text(context.security().json());
    return refused.isEmpty()
        ? Optional.empty()
        : Optional.of(edit -> check(edit, refused, security));
  }

  private void check(ProposedEdit edit, List<String> refused, String security) {
    seen.add(
        edit.id() + " after " + edit.old().map(old -> old.revision().toString()).orElse("-"));
    Runnable meanwhile = whileRuleRuns;
    whileRuleRuns = () -> {};
    CompletableFuture.runAsync(meanwhile).orTimeout(30, TimeUnit.SECONDS).join();
    String body = text(edit.document().body());
    for (String each : refused) {
      if (body.contains(each) || security.contains("closed")) {
        throw new DocumentException.Forbidden(each);
      }
    }
  }

  @AfterEach
  void check_afterEachTest_holds() {
    TestDatabases.check(database);
  }

  @Test
  void update_noRules_isOneTransaction() {
    saved(database, "{'_id':'a'}");
    saved(database, "{'_id':'b'}");
    assertThat(store.take()).isEqualTo("0 reads, 2 writes");
    saved(database, "{'_id':'_design/x','refuse':'bad'}");
    saved(database, "{'_id':'c'}"); // finds the rule
    store.take();
    saved(database, "{'_id':'d'}");
    assertThat(store.take()).isEqualTo("1 reads, 1 writes");
    saved(database, "{'_id':'_design/y'}");
    saved(database, "{'_id':'_local/y'}");
    assertThat(store.take()).isEqualTo("0 reads, 2 writes");
  }

  @Test
  void update_refused_othersAreStored() {
    saved(database, "{'_id':'_design/x','refuse':'bad'}");
    assertThat(update(database, "{'_id':'a'}", "{'_id':'b','bad':1}", "{'_id':'_local/c'}"))
        .satisfiesExactly(
            a -> assertThat(a).startsWith("1-"),
            b -> assertThat(b).isEqualTo("forbidden: bad"),
            c -> assertThat(c).isEqualTo("0-1"));
    assertThat(replicate(database, "{'_id':'d','_rev':'1-x','bad':1}", "{'_id':'e','_rev':'1-x'}"))
        .containsExactly("forbidden: bad", "1-x");
    assertThat(database.info().docCount()).isEqualTo(3);
  }

  @Test
  void update_designAndLocal_areExempt() {
    saved(database, "{'_id':'_design/x','refuse':'bad'}");
    saved(database, "{'_id':'_design/y','bad':1}");
    saved(database, "{'_id':'_local/y','bad':1}");
    assertThat(seen).isEmpty();
  }

  @Test
  void update_designDocumentChanged_newRulesApplyAtOnce() {
    String design = saved(database, "{'_id':'_design/x','refuse':'bad'}");
    assertThat(update(database, "{'_id':'a','bad':1}")).containsExactly("forbidden: bad");
    String next =
        saved(database, "{'_id':'_design/x','_rev':'" + design + "','refuse':'worse'}");
    saved(database, "{'_id':'a','bad':1}");
    assertThat(update(database, "{'_id':'b','worse':1}")).containsExactly("forbidden: worse");
    saved(database, "{'_id':'_design/x','_rev':'" + next + "','_deleted':true}");
    saved(database, "{'_id':'b','worse':1}");
  }

  @Test
  void update_ruleRuns_otherWritesGoOn() {
    saved(database, "{'_id':'_design/x','refuse':'bad'}");
    saved(database, "{'_id':'a'}");
    whileRuleRuns = () -> saved(database, "{'_id':'meanwhile'}");
    saved(database, "{'_id':'b'}");
    assertThat(database.info().docCount()).isEqualTo(4);
  }

  @Test
  void update_documentChangedMeanwhile_conflicts() {
    saved(database, "{'_id':'_design/x','refuse':'bad'}");
    String first = saved(database, "{'_id':'a'}");
    whileRuleRuns = () -> saved(database, "{'_id':'a','_rev':'" + first + "','n':1}");
    assertThat(update(database, "{'_id':'a','_rev':'" + first + "','n':2}"))
        .containsExactly("conflict: Document update conflict.");
  }

  @Test
  void replicate_nearerAncestorArrivesMeanwhile_ruleRunsAgain() {
    saved(database, "{'_id':'_design/x','refuse':'bad'}");
    replicate(database, "{'_id':'a','_rev':'1-p'}");
    seen.clear();
    whileRuleRuns =
        () -> replicate(database, "{'_id':'a','_revisions':{'start':2,'ids':['q','p']}}");
    replicate(database, "{'_id':'a','_revisions':{'start':3,'ids':['r','q','p']}}");
    assertThat(seen).containsExactly("a after 1-p", "a after 1-p", "a after 2-q");
  }

  @Test
  void update_rulesChangedMeanwhile_runAgain() {
    String design = saved(database, "{'_id':'_design/x','refuse':'bad'}");
    whileRuleRuns =
        () -> saved(database, "{'_id':'_design/x','_rev':'" + design + "','refuse':'n'}");
    assertThat(update(database, "{'_id':'a','n':1}")).containsExactly("forbidden: n");
  }

  @Test
  void update_securityChangedMeanwhile_runsAgain() {
    saved(database, "{'_id':'_design/x','refuse':'bad'}");
    SecurityObject closed =
        SecurityObject.parse(TestDatabases.utf8("{\"members\":{\"names\":[\"closed\"]}}"));
    whileRuleRuns = () -> database.settings().security(closed);
    assertThat(update(database, "{'_id':'a','n':1}")).containsExactly("forbidden: bad");
  }

  @Test
  void update_rulesNeverRest_endsWithAConflict() {
    saved(database, "{'_id':'_design/x','refuse':'bad'}");
    AtomicInteger limit = new AtomicInteger(500);
    whileRuleRuns =
        new Runnable() {
          @Override
          public void run() {
            database.revsLimit(limit.incrementAndGet());
            whileRuleRuns = this;
          }
        };
    assertThatExceptionOfType(StorageException.Conflict.class)
        .isThrownBy(() -> update(database, "{'_id':'a'}"));
    whileRuleRuns = () -> {};
    saved(database, "{'_id':'a'}");
  }

  @Test
  void update_batchTooLargeForOneTransaction_isJudgedOnce() {
    saved(database, "{'_id':'_design/x','refuse':'bad'}");
    String text = "x".repeat(3_000_000);
    String[] documents = new String[4];
    for (int i = 0; i < documents.length; i++) {
      documents[i] = "{'_id':'big" + i + "','t':'" + text + "'" + (i == 2 ? ",'bad':1}" : "}");
    }
    assertThat(update(database, documents))
        .satisfiesExactly(
            a -> assertThat(a).startsWith("1-"),
            b -> assertThat(b).startsWith("1-"),
            c -> assertThat(c).isEqualTo("forbidden: bad"),
            d -> assertThat(d).startsWith("1-"));
    assertThat(seen).hasSize(4);
  }
}
