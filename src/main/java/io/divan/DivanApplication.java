package io.divan;

import io.divan.operations.CommandLine;
import io.divan.operations.StopSignals;
import io.divan.operations.training.Training;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the service, or runs a terminal command. */
@SpringBootApplication
public class DivanApplication {

  public static void main(String[] arguments) {
    if (Training.isCalled(arguments)) {
      System.exit(Training.run(DivanApplication.class, arguments));
    }
    if (CommandLine.isCommand(arguments)) {
      System.exit(CommandLine.run(arguments));
    }
    SpringApplication application = new SpringApplication(DivanApplication.class);
    application.addInitializers(StopSignals.install());
    application.run(arguments);
  }
}
