package io.divan.operations;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.BeansException;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.NestedExceptionUtils;

/**
 * Terminal commands: {@code divan.jar COMMAND [--options]} runs a command on the configured
 * storage, without the HTTP server. Standard output contains only the results; logs, errors and
 * progress go to standard error. Exit codes: 0 success, 1 failure, 2 wrong usage.
 */
public final class CommandLine {
  private static final List<Command> COMMANDS =
      List.of(new InspectCommand(), new CheckCommand(), new CopyCommand(), new ImportCommand());

  private static final String CONFIGURATION =
      "The storage is configured as for the service, for example with"
          + " --divan.storage.directory=DIRECTORY.\n";

  private static final int OUT_BYTES = 65_536;

  private final List<String> arguments;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean isTerminal;

  private CommandLine(String[] arguments, PrintStream out, PrintStream err, boolean isTerminal) {
    this.arguments = List.of(arguments);
    this.out = out;
    this.err = err;
    this.isTerminal = isTerminal;
  }

  /** Returns whether the arguments call a command; otherwise they configure the service. */
  public static boolean isCommand(String... arguments) {
    return Arrays.stream(arguments).anyMatch(argument -> isWord(argument) || isHelp(argument));
  }

  private static boolean isWord(String argument) {
    return !argument.startsWith("-");
  }

  private static boolean isHelp(String argument) {
    return argument.equals("--help") || argument.equals("-h");
  }

  /** Runs a command on the standard streams of this process and returns the exit code. */
  public static int run(String... arguments) {
    OutputStream standard =
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), OUT_BYTES);
    System.setOut(System.err); // redirects logs and output of libraries
    Console console = System.console();
    return run(
        new PrintStream(standard, false, StandardCharsets.UTF_8),
        System.err,
        console != null && console.isTerminal(),
        arguments);
  }

  /** Runs a command on the given streams. */
  static int run(PrintStream out, PrintStream err, boolean isTerminal, String... arguments) {
    try {
      int code = new CommandLine(arguments, out, err, isTerminal).run();
      return out.checkError() && code == Command.DONE ? Command.FAILED : code;
    } finally {
      out.flush();
      err.flush();
    }
  }

  private int run() {
    String word = arguments.stream().filter(CommandLine::isWord).findFirst().orElse("");
    boolean help = arguments.stream().anyMatch(CommandLine::isHelp);
    Optional<Command> found =
        COMMANDS.stream().filter(command -> command.name().equals(word)).findFirst();
    if (help && (word.isEmpty() || found.isPresent())) {
      out.print(found.map(CommandLine::usage).orElseGet(CommandLine::usage));
      return Command.DONE;
    }
    if (found.isEmpty()) {
      err.println("Unknown command " + word);
      err.print(usage());
      return Command.WRONG_USAGE;
    }
    Command command = found.get();
    try {
      List<String> others = new ArrayList<>(arguments);
      others.remove(word);
      Arguments parsed = Arguments.parse(others, command.flags(), command.settings());
      return start(command, command.prepare(parsed), parsed.configuration());
    } catch (WrongUsage e) {
      err.println(e.getMessage());
      err.print(usage(command));
      return Command.WRONG_USAGE;
    }
  }

  private static String usage() {
    StringBuilder usage =
        new StringBuilder("java -jar divan.jar [--options]     starts the service\n");
    usage.append("java -jar divan.jar COMMAND [--options]     runs one of these commands:\n");
    for (Command command : COMMANDS) {
      usage.append("  ").append(command.name()).append("  ").append(command.summary());
      usage.append('\n');
    }
    return usage.append("COMMAND --help lists its options. ").append(CONFIGURATION).toString();
  }

  private static String usage(Command command) {
    return command.usage() + CONFIGURATION;
  }

  private int start(Command command, Command.Task task, List<String> configuration) {
    SpringApplication application = new SpringApplication(CommandConfiguration.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setLazyInitialization(true); // errors of the storage are then thrown here
    application.setLogStartupInfo(false);
    application.setDefaultProperties(Map.of("logging.level.root", "warn"));
    try (ConfigurableApplicationContext context =
        application.run(configuration.toArray(String[]::new))) {
      context.getBean(Backends.class).waitForOwners();
      return task.run(
          new Command.Context(
              () -> context.getBean(StorageAdapter.class),
              context.getBean(Backends.class),
              out,
              err,
              isTerminal));
    } catch (WrongUsage e) {
      throw e;
    } catch (RuntimeException e) {
      out.flush();
      sentence(e)
          .ifPresentOrElse(
              sentence -> err.println(command.name() + ": " + sentence),
              () -> e.printStackTrace(err));
      return Command.FAILED;
    }
  }

  /** Returns a message for the operator, or nothing if the failure is a bug. */
  private static Optional<String> sentence(RuntimeException failure) {
    Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof StartRefused refused) {
        return Optional.of(refused.getMessage() + " " + refused.action());
      }
      if (e instanceof StorageException storage) {
        return Optional.of(storage.getMessage());
      }
    }
    return failure instanceof BeansException
        ? Optional.of("The configuration cannot be used: " + cause.getMessage())
        : Optional.empty();
  }
}
