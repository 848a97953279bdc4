package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Service;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Declaration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares the table of settings in docs/configuration.md with the declared settings. */
class SettingsTableTest {
  private static final Path PAGE = Path.of("docs", "configuration.md");

  /** Settings whose values differ between installations, or that tests set. */
  private static final Set<String> VARYING =
      Set.of("chttpd/port", "couchdb/database_dir", "couchdb/uuid", "log/level");

  @TempDir static Path directory;

  private static Service service;
  private static List<Declaration> declarations;

  @BeforeAll
  static void start() {
    service = Service.start(directory, "--divan.storage.backend=memory");
    declarations = service.part(RuntimeConfiguration.class).declarations();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  /** The rows of the table by the setting: the property, the default, and "yes" or "no". */
  private static Map<String, List<String>> rows() throws IOException {
    Map<String, List<String>> rows = new TreeMap<>();
    boolean within = false;
    for (String line : Files.readAllLines(PAGE)) {
      within = line.startsWith("| CouchDB setting ") || within && line.startsWith("|");
      if (within && line.startsWith("| `")) {
        String[] cells = line.replace("`", "").split(" *\\| *", -1);
        rows.put(cells[1], List.of(cells[2], cells[3], cells[4]));
      }
    }
    return rows;
  }

  @Test
  void table_settings_areTheDeclaredOnes() throws IOException {
    assertThat(rows().keySet())
        .containsExactlyInAnyOrderElementsOf(
            declarations.stream().map(Declaration::name).toList());
  }

  @Test
  void table_eachRow_hasPropertyDefaultAndWhetherItIsChangeable() throws IOException {
    Map<String, List<String>> rows = rows();
    for (Declaration declaration : declarations) {
      List<String> row = rows.getOrDefault(declaration.name(), List.of("", "", ""));
      assertThat(row.getFirst()).as(declaration.name()).isEqualTo(declaration.property());
      assertThat(row.getLast())
          .as(declaration.name())
          .startsWith(declaration.traits().contains(Trait.CHANGEABLE) ? "yes" : "no");
      if (!VARYING.contains(declaration.name())
          && !declaration.name().endsWith("*")
          && !declaration.traits().contains(Trait.SECRET)) {
        assertThat(row.get(1)).as(declaration.name()).isEqualTo(declaration.text());
      }
    }
  }
}
