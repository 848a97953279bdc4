package io.divan.operations;

import io.divan.document.maintenance.DatabaseCopy;
import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Copies databases from one backend to another. */
final class CopyCommand implements Command {
  private static final int NAMES_MAX = 1_000;

  @Override
  public String name() {
    return "copy";
  }

  @Override
  public String summary() {
    return "copies databases from one backend to another";
  }

  @Override
  public String usage() {
    return """
        copy --from BACKEND --to BACKEND
                                   copies all databases, one after another
          --database NAME          copies only this database
        BACKEND is any value of divan.storage.backend except memory, with its configured
        settings. The source is not modified. A database that already exists at the target
        is refused. After an interruption, run the command again.
        """;
  }

  @Override
  public Set<String> flags() {
    return Set.of();
  }

  @Override
  public Set<String> settings() {
    return Set.of("from", "to", "database");
  }

  @Override
  public Task prepare(Arguments arguments) {
    if (!arguments.operands().isEmpty()) {
      throw new WrongUsage(
          "Write --database " + arguments.operands().getFirst() + " to copy one database");
    }
    String from = setting(arguments, "from");
    String to = setting(arguments, "to");
    if (from.equals(to)) {
      throw new WrongUsage("--from and --to are the same backend");
    }
    Optional<String> database = arguments.setting("database");
    return context -> {
      requireDurable(context.backends(), "from", from);
      requireDurable(context.backends(), "to", to);
      try (StorageAdapter source = context.backends().open(from);
          StorageAdapter target = context.backends().open(to)) {
        return new Run(context, source, target).run(database);
      }
    };
  }

  private static String setting(Arguments arguments, String name) {
    return arguments
        .setting(name)
        .orElseThrow(() -> new WrongUsage("--" + name + " BACKEND is missing"));
  }

  private static void requireDurable(Backends backends, String setting, String backend) {
    if (!backends.durable().contains(backend)) {
      throw new WrongUsage(
          "--" + setting + " must be one of " + String.join(", ", backends.durable()) + ", not "
              + backend);
    }
  }

  private record Run(Context context, StorageAdapter source, StorageAdapter target) {

    int run(Optional<String> database) {
      if (database.isPresent()) {
        one(database.get());
        return DONE;
      }
      int code = DONE;
      String begin = "";
      List<String> names;
      do {
        names = source.list(new NameRange(begin, Optional.empty(), false, NAMES_MAX));
        for (String name : names) {
          try {
            one(name);
          } catch (StorageException e) {
            context.err().println(name + ": " + e.getMessage());
            code = FAILED;
          }
          begin = name + '\0';
        }
      } while (names.size() == NAMES_MAX);
      new DatabaseCopy(source, target, rows -> {}).copyServer();
      return code;
    }

    private void one(String name) {
      Progress progress = context.progress(name);
      DatabaseCopy.Copied copied;
      try {
        copied = new DatabaseCopy(source, target, progress::at).copy(name);
      } finally {
        progress.end();
      }
      context
          .out()
          .println(
              String.format(
                  Locale.ROOT, "%s: %d rows, %d bytes", name, copied.rows(), copied.bytes()));
    }
  }
}
