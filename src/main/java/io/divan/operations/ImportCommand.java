package io.divan.operations;

import io.divan.document.Database;
import io.divan.document.DatabaseNameRules;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.Principal;
import io.divan.document.rouch.RouchImport;
import io.divan.query.index.IndexHooks;
import io.divan.storage.NameRange;
import io.divan.storage.redb.RouchFile;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.ObjLongConsumer;

/** Imports a RouchDB file into a database. */
final class ImportCommand implements Command {

  @Override
  public String name() {
    return "import";
  }

  @Override
  public String summary() {
    return "imports a RouchDB file into a database";
  }

  @Override
  public String usage() {
    return """
        import FILE --database NAME
                                   imports a RouchDB file into a database, which is created
                                   if it does not exist: all revisions, conflicts, deletions,
                                   attachments and local documents
        The file is not modified; RouchDB must not have it open. Revisions that already exist
        are skipped. The exit code is 1 if something could not be imported.
        """;
  }

  @Override
  public Set<String> flags() {
    return Set.of();
  }

  @Override
  public Set<String> settings() {
    return Set.of("database");
  }

  @Override
  public Task prepare(Arguments arguments) {
    Path file = Path.of(arguments.operand().orElseThrow(() -> new WrongUsage("FILE is missing")));
    String name =
        arguments
            .setting("database")
            .orElseThrow(() -> new WrongUsage("--database NAME is missing"));
    try {
      DatabaseNameRules.check(name);
    } catch (DocumentException e) {
      throw new WrongUsage(e.reason());
    }
    return context -> {
      try (RouchFile source = RouchFile.open(file)) {
        return run(source, name, context);
      }
    };
  }

  private static int run(RouchFile source, String name, Context context) {
    Databases databases =
        new Databases(
            context.adapter(),
            Clock.systemUTC(),
            store -> commit -> {},
            IndexHooks.WITHOUT_BUILDS);
    NameRange only = new NameRange(name, Optional.of(name + '\0'), false, 1);
    if (databases.list(only).isEmpty()) {
      databases.create(name);
    }
    Database database = databases.open(name, Principal.SERVER_ADMIN);
    Import output = new Import(name, context);
    RouchImport.Summary summary;
    try {
      summary = new RouchImport(new Source(source), database, output).run();
    } finally {
      output.end();
    }
    output.print(
        String.format(
            Locale.ROOT,
            "%d documents read, %d revisions and %d local documents added",
            summary.documents(),
            summary.revisions(),
            summary.localDocuments()));
    printRest(summary, output);
    return output.problems() == 0 ? DONE : FAILED;
  }

  private static void printRest(RouchImport.Summary summary, Import output) {
    if (summary.attachments() > 0 || summary.lostAttachments() > 0) {
      output.print(
          String.format(
              Locale.ROOT,
              "%d attachments added; the file no longer has %d attachments of older revisions",
              summary.attachments(),
              summary.lostAttachments()));
    }
    if (summary.idleChanges() > 0) {
      output.print(
          String.format(
              Locale.ROOT,
              "%d changes are not the last change of any document",
              summary.idleChanges()));
    }
  }

  private static final class Import extends DatabaseOutput implements RouchImport.Listener {
    Import(String name, Context context) {
      super(name, context);
    }

    @Override
    public void read(long documents) {
      at(documents);
    }
  }

  /** Presents a file to the import, which does not depend on redb. */
  private record Source(RouchFile file) implements RouchImport.Source {
    @Override
    public Optional<byte[]> document(String id) {
      return file.document(id);
    }

    @Override
    public Optional<byte[]> body(String id, String revision) {
      return file.body(id, revision);
    }

    @Override
    public Optional<byte[]> change(long sequence) {
      return file.change(sequence);
    }

    @Override
    public Optional<byte[]> attachment(String key) {
      return file.attachment(key);
    }

    @Override
    public void changes(ObjLongConsumer<byte[]> consumer) {
      file.changes(consumer);
    }

    @Override
    public void documents(BiConsumer<String, byte[]> consumer) {
      file.documents(consumer);
    }

    @Override
    public void locals(BiConsumer<String, byte[]> consumer) {
      file.locals(consumer);
    }
  }
}
