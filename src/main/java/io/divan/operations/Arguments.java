package io.divan.operations;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The parsed arguments of a command: {@code --flag}, {@code --setting VALUE} or {@code
 * --setting=VALUE}, and operands. An option with a dot in its name is a configuration property,
 * written {@code --a.b=VALUE} as for the service.
 *
 * @param operands the arguments that are not options, in order
 * @param flags the options without a value
 * @param settings the options with a value
 * @param configuration the configuration properties, verbatim
 */
record Arguments(
    List<String> operands,
    Set<String> flags,
    Map<String, String> settings,
    List<String> configuration) {

  private static final String DASHES = "--";

  /** Returns whether an argument is a configuration property. */
  static boolean isConfiguration(String argument) {
    int end = argument.indexOf('=') < 0 ? argument.length() : argument.indexOf('=');
    return argument.startsWith(DASHES) && argument.substring(0, end).contains(".");
  }

  /**
   * Parses arguments.
   *
   * @throws WrongUsage if an option is unknown, duplicate, or lacks its value
   */
  static Arguments parse(List<String> arguments, Set<String> flags, Set<String> settings) {
    Arguments parsed =
        new Arguments(new ArrayList<>(), new HashSet<>(), new HashMap<>(), new ArrayList<>());
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.indexOf('=');
      String name = (equals < 0 ? argument : argument.substring(0, equals)).replaceFirst("^--", "");
      if (isConfiguration(argument)) {
        if (equals < 0) {
          throw new WrongUsage("Write " + argument + "=VALUE");
        }
        parsed.configuration.add(argument);
      } else if (!argument.startsWith("-")) {
        parsed.operands.add(argument);
      } else if (!flags.contains(name) && !settings.contains(name)) {
        throw new WrongUsage("Unknown option " + argument);
      } else if (flags.contains(name)) {
        parsed.addFlag(name, equals >= 0);
      } else if (equals >= 0) {
        parsed.addSetting(name, argument.substring(equals + 1));
      } else if (i + 1 < arguments.size() && !arguments.get(i + 1).startsWith(DASHES)) {
        i++;
        parsed.addSetting(name, arguments.get(i));
      } else {
        throw new WrongUsage("--" + name + " needs a value");
      }
    }
    return parsed;
  }

  private void addFlag(String name, boolean hasValue) {
    if (hasValue) {
      throw new WrongUsage("--" + name + " takes no value");
    }
    if (!flags.add(name)) {
      throw new WrongUsage("Duplicate option --" + name);
    }
  }

  private void addSetting(String name, String value) {
    if (settings.put(name, value) != null) {
      throw new WrongUsage("Duplicate option --" + name);
    }
  }

  boolean has(String flag) {
    return flags.contains(flag);
  }

  Optional<String> setting(String name) {
    return Optional.ofNullable(settings.get(name));
  }

  /** Returns the value of a setting as a whole number of at least 1. */
  Optional<Integer> number(String name) {
    return setting(name)
        .map(
            text -> {
              if (!text.matches("0*[1-9][0-9]{0,8}")) {
                throw new WrongUsage(
                    "--" + name + " must be a whole number from 1 to 999999999, not " + text);
              }
              return Integer.valueOf(text);
            });
  }

  /**
   * Returns the only operand, if any.
   *
   * @throws WrongUsage if there are several
   */
  Optional<String> operand() {
    if (operands.size() > 1) {
      throw new WrongUsage("Unexpected argument: " + operands.get(1));
    }
    return operands.stream().findFirst();
  }
}
