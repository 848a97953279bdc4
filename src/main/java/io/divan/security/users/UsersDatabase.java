package io.divan.security.users;

import io.divan.background.BackgroundTask;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskRun;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.DocumentInput;
import io.divan.document.Principal;
import io.divan.document.ReadOptions;
import io.divan.document.UpdateResult;
import io.divan.document.revision.Revision;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.json.JsonValue.Obj;
import io.divan.json.JsonValue.Str;
import io.divan.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database {@value #NAME}, which exists from the first start. Its design document {@code
 * _design/_auth} holds CouchDB's validation function for tools that look for it. The function never
 * runs, whatever the document says: {@link UserRule} is what validates.
 */
public final class UsersDatabase {

  /** The name of the database. */
  public static final String NAME = "_users";

  /** The id of the design document with CouchDB's validation function. */
  public static final String DESIGN_DOCUMENT = "_design/_auth";

  private static final Logger LOG = LoggerFactory.getLogger(UsersDatabase.class);

  private final Databases databases;
  private final BackgroundTasks tasks;

  UsersDatabase(Databases databases, BackgroundTasks tasks) {
    this.databases = databases;
    this.tasks = tasks;
  }

  /** Creates the database where it is missing. If that fails now, it is retried later. */
  void start() {
    try {
      create();
    } catch (StorageException e) {
      LOG.error(
          "The database {} could not be created, so users cannot log in: make the storage"
              + " available and writable. It is retried for a few minutes; after that, create it"
              + " with PUT /{} or restart the service.",
          NAME,
          NAME,
          e);
      tasks.submit(new Creation());
    }
  }

  private final class Creation implements BackgroundTask {

    @Override
    public String type() {
      return "users_database";
    }

    @Override
    public String subject() {
      return NAME;
    }

    @Override
    public void run(TaskRun run) {
      create();
    }

    /** Instances that create it at the same time do not disturb each other. */
    @Override
    public boolean needsLease() {
      return false;
    }
  }

  /** Completes the database after a client has created it. */
  public void created(String database) {
    if (database.equals(NAME)) {
      createDesignDocument(databases.open(NAME, Principal.SERVER_ADMIN));
    }
  }

  private void create() {
    try {
      databases.open(NAME, Principal.SERVER_ADMIN);
    } catch (StorageException.DatabaseNotFound missing) {
      try {
        databases.create(NAME);
        LOG.info("Created the database {}", NAME);
      } catch (StorageException.DatabaseExists e) {
        LOG.debug("Another instance created the database {}", NAME);
      }
    }
    createDesignDocument(databases.open(NAME, Principal.SERVER_ADMIN));
  }

  /** Stores CouchDB's validation function, unless the design document has it. */
  private static void createDesignDocument(Database users) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    Optional<Revision> revision = Optional.empty();
    try {
      byte[] known = users.get(DESIGN_DOCUMENT, false, ReadOptions.NONE).json();
      if (JsonValue.read(known) instanceof Obj(Map<String, JsonValue> stored)) {
        members.putAll(stored);
      }
      members.remove("_id");
      revision = Optional.ofNullable(members.remove("_rev"))
          .flatMap(JsonValue::asString)
          .flatMap(Revision::parse);
    } catch (DocumentException.NotFound e) {
      members.put("language", new Str("javascript"));
    }
    JsonValue function = new Str(validationFunction());
    if (function.equals(members.put("validate_doc_update", function))) {
      return;
    }
    JsonBuffer body = new JsonBuffer();
    new Obj(members).appendTo(body);
    DocumentInput edit =
        new DocumentInput(
            Optional.of(DESIGN_DOCUMENT),
            revision,
            Optional.empty(),
            false,
            List.of(),
            body.toBytes());
    if (users.update(List.of(edit)).getFirst() instanceof UpdateResult.Refused refused
        && !(refused.reason() instanceof DocumentException.Conflict)) {
      throw refused.reason();
    }
  }

  private static String validationFunction() {
    try (InputStream in =
        Objects.requireNonNull(
            UsersDatabase.class.getResourceAsStream("validate_doc_update.js"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
