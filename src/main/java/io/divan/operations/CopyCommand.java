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
          --database NAME          only this one
        A BACKEND is %s, used as it is configured. Nothing is changed at the
        source, and no database at the target: one that is there already is refused. Where
        a copy is interrupted, call it again.
        """
        .formatted(String.join(", ", Backends.LASTING));
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
      throw new WrongUsage("Write --database " + arguments.operands().getFirst());
    }
    String from = backend(arguments, "from");
    String to = backend(arguments, "to");
    if (from.equals(to)) {
      throw new WrongUsage("--from and --to are the same backend");
    }
    Optional<String> database = arguments.setting("database");
    return context -> {
      try (StorageAdapter source = context.backends().open(from);
          StorageAdapter target = context.backends().open(to)) {
        return new Run(context, source, target).run(database);
      }
    };
  }

  private static String backend(Arguments arguments, String setting) {
    String backend =
        arguments
            .setting(setting)
            .orElseThrow(() -> new WrongUsage("--" + setting + " which backend?"));
    if (!Backends.LASTING.contains(backend)) {
      throw new WrongUsage(
          "--" + setting + " is one of " + String.join(", ", Backends.LASTING) + ", not "
              + backend);
    }
    return backend;
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
