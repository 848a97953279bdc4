package io.divan.operations;

import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.maintenance.CheckListener;
import io.divan.document.maintenance.DatabaseCheck;
import io.divan.query.index.IndexCheck;
import io.divan.storage.NameRange;
import io.divan.storage.StorageException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Checks the invariants of one database or of all. */
final class CheckCommand implements Command {
  private static final int NAMES_MAX = 1_000;

  @Override
  public String name() {
    return "check";
  }

  @Override
  public String summary() {
    return "checks a database and reports problems";
  }

  @Override
  public String usage() {
    return """
        check DATABASE             checks all rows of a database and reports problems
        check --all                checks all databases, one after another
          --content                also computes the digests of all attachments
        The exit code is 1 if there are problems. Progress is shown on terminals only.
        """;
  }

  @Override
  public Set<String> flags() {
    return Set.of("all", "content");
  }

  @Override
  public Set<String> settings() {
    return Set.of();
  }

  @Override
  public Task prepare(Arguments arguments) {
    Optional<String> database = arguments.operand();
    if (database.isPresent() == arguments.has("all")) {
      throw new WrongUsage("Give either a database or --all");
    }
    boolean digests = arguments.has("content");
    return context -> {
      Databases databases = new Databases(context.adapter(), Clock.systemUTC());
      return database.isPresent()
          ? one(databases, database.get(), digests, context)
          : all(databases, digests, context);
    };
  }

  private static int all(Databases databases, boolean digests, Context context) {
    int code = DONE;
    String begin = "";
    List<String> names;
    do {
      names = databases.list(new NameRange(begin, Optional.empty(), false, NAMES_MAX));
      for (String name : names) {
        try {
          code = Math.max(code, one(databases, name, digests, context));
        } catch (StorageException.DatabaseNotFound e) {
          context.err().println(name + ": deleted during the check");
        } catch (StorageException e) {
          context.err().println(name + ": " + e.getMessage());
          code = FAILED;
        }
        begin = name + '\0';
      }
    } while (names.size() == NAMES_MAX);
    return code;
  }

  private static int one(
      Databases databases, String name, boolean digests, Context context) {
    Walk walk = new Walk(name, context);
    try {
      Database database = databases.open(name, Principal.SERVER_ADMIN);
      DatabaseCheck.run(database, walk, digests);
      walk.next();
      IndexCheck.run(database, walk);
    } finally {
      walk.end();
    }
    walk.print(walk.result());
    return walk.problems() == 0 ? DONE : FAILED;
  }

  private static final class Walk extends DatabaseOutput implements CheckListener {
    private long rows;
    private long before;

    Walk(String name, Context context) {
      super(name, context);
    }

    @Override
    public void uncertain(String what) {
      print("not compared: " + what);
    }

    @Override
    public void walked(long walked) {
      rows = before + walked;
      at(rows);
    }

    /** Another check begins; its rows are added to those of the earlier ones. */
    void next() {
      before = rows;
    }

    String result() {
      String walked = String.format(Locale.ROOT, "%d rows, ", rows);
      long wrong = problems();
      return walked
          + (wrong == 0 ? "no problems" : wrong + (wrong == 1 ? " problem" : " problems"));
    }
  }
}
