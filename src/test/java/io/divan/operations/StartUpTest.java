package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.ChildJvm;
import io.divan.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A refused start prints one sentence for the problem and one for the action. */
@ExtendWith(OutputCaptureExtension.class)
class StartUpTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          --divan.storage.backend=floppy      | "floppy", which is unknown | backend to one of: fdb
          --divan.storage.redb.cache-size=1KB | 1024B, which is too small | cache-size to 1MB
          --server.address=0.0.0.0            | server.address is not a | to 127.0.0.1
          --server.address=::                 | server.address is not a | to 127.0.0.1
          --management.server.port=0          | server.address is not a | management.server.address
          --management.endpoints.web.base-path=/m | base-path must be | Remove management
          --management.endpoints.web.path-mapping.prometheus=p | path-mapping must be | Remove
          --divan.http.max-feeds=0            | maxFeeds | Update your
          --divan.limits.max-document-size=9MB | max-document-size must be an | max-document-size in
          --divan.uuids.max-count=-1          | max-count must be an integer | max-count in
          --divan.http.trusted-proxies=a.b    | "a.b", which is no address | trusted-proxies
          --server.forward-headers-strategy=native | must be none | forward-headers-strategy
          --divan.admins.eva=                 | eva must not be empty | Change divan.admins.eva
          --divan.cors.origins=a.example      | which is no origin such as | divan.cors.origins
          """)
  void setting_wrong_isRefusedInOneSentence(
      String setting, String problem, String action, CapturedOutput output) {
    assertThatThrownBy(() -> Service.start(directory, setting)).isNotNull();

    expectSentences(output.getAll(), problem, action);
    assertThat(output.getAll()).doesNotContain("secret");
  }

  @Test
  void cors_credentialsForAllOrigins_isRefused(CapturedOutput output) {
    assertThatThrownBy(
        () -> Service.start(
            directory, "--divan.cors.origins=*", "--divan.cors.credentials=true"))
        .isNotNull();

    expectSentences(
        output.getAll(), "divan.cors.credentials would let pages of all origins", "divan.cors");
  }

  @Test
  void sqliteEngine_unknown_isRefused(CapturedOutput output) {
    assertThatThrownBy(
        () -> Service.start(
            directory,
            "--divan.storage.backend=sqlite",
            "--divan.storage.sqlite.engine=steam"))
        .isNotNull();

    expectSentences(output.getAll(), "\"steam\", which is unknown", "engine to file");
  }

  @Test
  void directory_inUseByAnotherService_isRefused(CapturedOutput output) {
    try (Service running = Service.start(directory)) {
      assertThatThrownBy(() -> Service.start(directory)).isNotNull();

      expectSentences(output.getAll(), directory.toString(), "divan.storage");
      assertThat(running.http().get("/_up").status()).isEqualTo(200);
    }
    Service.start(directory).close();
  }

  @Test
  void directory_thatIsAFile_isRefused(CapturedOutput output) throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() -> Service.start(file)).isNotNull();

    expectSentences(output.getAll(), file.toString(), "divan.storage");
  }

  @Test
  void process_refused_endsWithOne() throws Exception {
    try (ChildJvm child =
        ChildJvm.service(directory, "--divan.storage.backend=floppy", "--server.port=0")) {
      expectSentences(child.output(), "\"floppy\", which is unknown", "backend to one of: fdb");
      assertThat(child.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void process_noClusterFile_endsWithOne() throws Exception {
    Path missing = directory.resolve("fdb.cluster");
    try (ChildJvm child =
        ChildJvm.service(
            directory,
            "--divan.storage.backend=fdb",
            "--divan.storage.fdb.cluster-file=" + missing,
            "--server.port=0")) {
      expectSentences(
          child.output(), missing + " cannot be read", "Set divan.storage.fdb.cluster-file");
      assertThat(child.exitCode()).isEqualTo(1);
    }
  }

  private static void expectSentences(String output, String problem, String action) {
    assertThat(output)
        .contains("APPLICATION FAILED TO START", "Description:", problem, "Action:", action)
        .doesNotContain("\tat ")
        .doesNotContain("Exception");
  }
}
