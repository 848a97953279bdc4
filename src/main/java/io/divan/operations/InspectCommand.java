package io.divan.operations;

import io.divan.document.maintenance.Inspector;
import io.divan.storage.NameRange;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Lists the databases, or shows the stored rows of one. */
final class InspectCommand implements Command {
  private static final int NAMES_MAX = 1_000;

  @Override
  public String name() {
    return "inspect";
  }

  @Override
  public String summary() {
    return "lists the databases, or shows the stored rows of one";
  }

  @Override
  public String usage() {
    return """
        inspect                    lists the databases
        inspect DATABASE           shows its rows, one per line: table, key, value
        inspect --system           shows the rows of the server's own store
          --table NAME             shows only this table: %s
          --prefix KEY             shows only keys that begin with KEY
          --start KEY              starts at KEY; needs --table
          --limit N                shows at most N rows of each table
          --raw                    shows keys and values as undecoded bytes, in full
        KEY is the text that a key begins with, such as a document id; in the table changes
        a sequence; or 0x and the digits of a key as --raw shows it.
        """
        .formatted(String.join(", ", Inspector.tables()));
  }

  @Override
  public Set<String> flags() {
    return Set.of("system", "raw");
  }

  @Override
  public Set<String> settings() {
    return Set.of("table", "start", "prefix", "limit");
  }

  @Override
  public Task prepare(Arguments arguments) {
    Optional<String> database = arguments.operand();
    boolean system = arguments.has("system");
    if (system && database.isPresent()) {
      throw new WrongUsage("Give either --system or a database");
    }
    if (!system && database.isEmpty()) {
      if (arguments.has("raw") || !arguments.settings().isEmpty()) {
        throw new WrongUsage("These options need a database or --system");
      }
      return InspectCommand::list;
    }
    Inspector.Selection selection = selection(arguments);
    return context -> {
      Inspector inspector = new Inspector(context.adapter());
      return print(
          database.isPresent()
              ? inspector.database(database.get(), selection)
              : inspector.system(selection),
          context.out());
    };
  }

  private static Inspector.Selection selection(Arguments arguments) {
    try {
      return new Inspector.Selection(
          arguments.setting("table"),
          arguments.setting("start").orElse(""),
          arguments.setting("prefix").orElse(""),
          arguments.number("limit").orElse(Integer.MAX_VALUE),
          arguments.has("raw"));
    } catch (IllegalArgumentException e) {
      throw new WrongUsage(e.getMessage());
    }
  }

  private static int print(Inspector.Lines lines, PrintStream out) {
    while (lines.hasMore() && !out.checkError()) { // an error means the reader has gone
      lines.next().forEach(out::println);
    }
    return DONE;
  }

  private static int list(Context context) {
    String begin = "";
    List<String> names;
    do {
      names = context.adapter().list(new NameRange(begin, Optional.empty(), false, NAMES_MAX));
      names.forEach(context.out()::println);
      begin = names.isEmpty() ? begin : names.getLast() + '\0';
    } while (names.size() == NAMES_MAX && !context.out().checkError());
    return DONE;
  }
}
