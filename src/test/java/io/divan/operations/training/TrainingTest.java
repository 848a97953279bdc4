package io.divan.operations.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.DivanApplication;
import io.divan.Service;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingTest {
  @TempDir Path directory;

  @Test
  void run_forNoRequests_sendsOneOfEachKindAndSucceeds() {
    assertThat(Training.run(DivanApplication.class, "train", "--requests=0")).isZero();
  }

  @Test
  void load_ifAnAnswerIsNotTheExpectedOne_namesTheRequest() {
    try (Service service = Service.start(directory, "--divan.admins.admin=secret")) {
      TrainingLoad load = new TrainingLoad(service.port(), "admin", "wrong");
      assertThatThrownBy(() -> load.run(0))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("PUT /training returned 401");
    }
  }

  @Test
  void run_withANumberThatIsNone_isWrongUsage() {
    assertThat(Training.run(DivanApplication.class, "train", "--requests=many")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "train --requests=5"})
  void isCalled_onlyByTheFirstWord(String line) {
    assertThat(Training.isCalled(line.split(" "))).isTrue();
    assertThat(Training.isCalled(("inspect " + line).split(" "))).isFalse();
    assertThat(Training.isCalled()).isFalse();
  }
}
