package io.divan;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the service. */
@SpringBootApplication
public class DivanApplication {

  public static void main(String[] arguments) {
    SpringApplication.run(DivanApplication.class, arguments);
  }
}
