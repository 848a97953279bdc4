package io.divan;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.maintenance.DatabaseCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Data of every released version can be read and written. {@code -Ddivan.formats.write=VERSION}
 * first adds the data that the present version writes.
 */
class FormatsTest {
  @TempDir Path directory;

  @BeforeAll
  static void writeThisVersion(@TempDir Path temporary) throws IOException {
    String version = System.getProperty("divan.formats.write");
    if (version != null) {
      FormatFixtures.write(version, temporary);
    }
  }

  static List<FormatFixtures.Fixture> fixtures() throws IOException {
    return FormatFixtures.all();
  }

  @Test
  void fixtures_firstRelease_hasEachBackend() throws IOException {
    assertThat(fixtures().stream().filter(fixture -> fixture.version().equals("0.1.0")))
        .hasSize(FormatFixtures.Kind.values().length);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void dataOfARelease_isReadWrittenAndChecked(FormatFixtures.Fixture fixture) throws IOException {
    Map<String, String> before = FormatFixtures.read(fixture, directory);

    try (Service service = fixture.kind().start(directory)) {
      assertThat(FormatFixtures.answers(service)).isEqualTo(before);
      Http http = service.http();
      assertThat(http.get("/db/d1", FormatFixtures.USER).status()).isEqualTo(200);
      assertThat(http.get("/db/d1").status()).isEqualTo(401);

      assertThat(http.put("/db/later", "{}", FormatFixtures.USER).status()).isEqualTo(201);
      String revision = http.get("/db/a", FormatFixtures.ADMIN).json().get("_rev").stringValue();
      assertThat(http.delete("/db/a?rev=" + revision, FormatFixtures.ADMIN).status())
          .isEqualTo(200);
      assertThat(http.put("/db/_local/checkpoint", "{\"last\":8}", FormatFixtures.ADMIN).status())
          .isEqualTo(201);
      assertThat(http.put("/deleted", "", FormatFixtures.ADMIN).status()).isEqualTo(201);
      check(service);
    }
    try (Service service = fixture.kind().start(directory)) {
      HttpAnswer later = service.http().get("/db/later", FormatFixtures.USER);
      assertThat(later.status()).isEqualTo(200);
      check(service);
    }
  }

  private static void check(Service service) {
    Databases databases = service.part(Databases.class);
    for (String name : List.of("db", "a/b", "deleted", "_users")) {
      assertThat(DatabaseCheck.problems(databases.open(name, Principal.SERVER_ADMIN)))
          .as(name)
          .isEmpty();
    }
  }
}
