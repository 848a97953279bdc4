package io.divan.document.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.background.ActiveTasks;
import io.divan.background.BackgroundTasks;
import io.divan.background.ManualTimer;
import io.divan.background.TaskLeases;
import io.divan.document.DatabaseEvents;
import io.divan.document.Databases;
import io.divan.document.TestDatabases;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.checked.CheckedAdapter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventTasksTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ManualTimer timer = new ManualTimer();
  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final Databases databases = new Databases(adapter, Clock.systemUTC());

  private List<String> since(Versionstamp after) {
    return databases.events().list(after, 100).stream()
        .map(event -> event.kind() + " " + event.database())
        .toList();
  }

  private void edit(String id) {
    TestDatabases.saved(TestDatabases.open(databases, "a"), "{'_id':'" + id + "'}");
  }

  @Test
  void tasks_reportAtStart_andOnceASecond() {
    adapter.create("foreign", transaction -> {});
    databases.create("a");
    try (BackgroundTasks tasks = timer.tasks(new ActiveTasks(Clock.systemUTC()))) {
      EventTasks events = new EventTasks(databases.events(), tasks);
      timer.run();
      assertThat(since(Versionstamp.ZERO)).containsExactly("CREATED a", "CREATED foreign");
      Versionstamp before = databases.events().last();
      edit("x");
      timer.pass(SECOND.dividedBy(2));
      edit("y");
      assertThat(since(before)).isEmpty();
      timer.pass(SECOND.dividedBy(2));
      assertThat(since(before)).containsExactly("UPDATED a");
      Versionstamp after = databases.events().last();
      timer.pass(SECOND.multipliedBy(10));
      assertThat(since(after)).isEmpty();
      edit("z");
      events.close();
      assertThat(since(after)).containsExactly("UPDATED a");
    }
  }

  @Test
  void systemTables_haveNumbersOfTheirOwn() {
    List<Table> tables =
        List.of(
            Databases.SERVER,
            TaskLeases.TABLE,
            DatabaseEvents.EVENTS,
            DatabaseEvents.NAMES,
            DatabaseEvents.INTENTS);
    assertThat(tables.stream().map(Table::number))
        .doesNotHaveDuplicates()
        .allMatch(number -> number < 254);
    assertThat(tables.stream().map(Table::name)).doesNotHaveDuplicates();
  }
}
