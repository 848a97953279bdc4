package io.divan.api.database;

import io.divan.api.document.DocumentUpdates;
import io.divan.api.http.ApiException;
import io.divan.api.http.JsonBodies;
import io.divan.api.http.JsonStream;
import io.divan.api.http.Parameters;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequestLimits;
import io.divan.api.http.RequiresServer;
import io.divan.api.listing.ListingOptions;
import io.divan.document.DatabaseNameRules;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.maintenance.Compactions;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.security.ServerAction;
import io.divan.storage.NameRange;
import io.divan.storage.StorageException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** {@code _all_dbs} and {@code _dbs_info}: lists the databases, with or without information. */
@Controller
@RequiresServer(ServerAction.LIST_DATABASES)
final class DatabaseListController {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseListController.class);

  private static final int NAMES_PER_PAGE = 1_000;

  private final Databases databases;
  private final Compactions compactions;
  private final RequestBodies bodies;
  private final RequestLimits limits;

  DatabaseListController(
      Databases databases,
      Compactions compactions,
      RequestBodies bodies,
      RequestLimits limits) {
    this.databases = databases;
    this.compactions = compactions;
    this.bodies = bodies;
    this.limits = limits;
  }

  /** Appends one database, with a comma unless it is the first. Returns whether it did. */
  @FunctionalInterface
  private interface EntryWriter {
    boolean append(JsonBuffer out, boolean first, String name);
  }

  @GetMapping("/_all_dbs")
  void names(HttpServletRequest request, HttpServletResponse response) throws IOException {
    list(
        request,
        response,
        (out, first, name) -> {
          out.raw(first ? "" : ",").string(name);
          return true;
        });
  }

  @GetMapping("/_dbs_info")
  void infos(
      HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    list(
        request,
        response,
        (out, first, name) -> {
          Optional<JsonBuffer> row = row(name);
          row.ifPresent(json -> out.raw(first ? "" : ",").raw(json.toBytes()));
          return row.isPresent(); // it may have been deleted since it was listed
        });
  }

  private void list(HttpServletRequest request, HttpServletResponse response, EntryWriter entry)
      throws IOException {
    ListingOptions options = ListingOptions.of(Parameters.of(request)).check();
    if (options.hasKeys()) {
      throw ApiException.badQuery("`keys` can name one database only.");
    }
    long skip = options.skip();
    long limit = options.limit();
    NameRange range = options.names(NAMES_PER_PAGE);
    JsonStream stream = new JsonStream(response, 200);
    boolean head = "HEAD".equals(request.getMethod());
    stream.buffer().raw('[');
    boolean first = true;
    List<String> names = head || limit == 0 ? List.of() : databases.list(range);
    while (!names.isEmpty() && limit > 0) {
      for (String name : names) {
        if (skip > 0) {
          skip--;
        } else if (limit > 0) {
          limit--;
          first &= !entry.append(stream.buffer(), first, name);
          stream.checkpoint();
        }
      }
      range = after(range, names.getLast());
      names = databases.list(range);
    }
    stream.buffer().raw("]\n");
    stream.end();
  }

  private static NameRange after(NameRange range, String last) {
    return range.reverse()
        ? new NameRange(range.begin(), Optional.of(last), true, NAMES_PER_PAGE)
        : new NameRange(last + '\0', range.end(), false, NAMES_PER_PAGE);
  }

  @PostMapping("/_dbs_info")
  void infosOfKeys(
      HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    RequestBodies.expectJson(request);
    List<JsonValue> keys = keys(bodies.bytes(request));
    JsonStream stream = new JsonStream(response, 200);
    JsonBuffer out = stream.buffer().raw('[');
    boolean first = true;
    for (JsonValue key : keys) {
      out.raw(first ? "" : ",");
      first = false;
      Optional<JsonBuffer> row =
          key.asString()
              .filter(DatabaseNameRules::isLegal)
              .flatMap(name -> row(name));
      if (row.isPresent()) {
        out.raw(row.get().toBytes());
      } else {
        key.appendTo(out.raw("{\"key\":"));
        out.raw(",\"error\":\"not_found\"}");
      }
      stream.checkpoint();
    }
    out.raw("]\n");
    stream.end();
  }

  private List<JsonValue> keys(byte[] json) {
    JsonBodies.expectObject(json);
    Optional<List<JsonValue>> keys = Optional.empty();
    try (JsonParser parser = Json.parser(json)) {
      JsonBodies.expectObject(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        boolean isKeys = Json.name(parser).equals("keys");
        JsonToken token = parser.nextToken();
        if (!isKeys) {
          Json.skipValue(parser);
        } else if (token == JsonToken.START_ARRAY) {
          keys = Optional.of(JsonBodies.elements(parser));
        } else {
          throw ApiException.badRequest("`keys` member must be an array.");
        }
      }
    } catch (JacksonException e) {
      throw DocumentUpdates.readFailure(e);
    }
    List<JsonValue> names =
        keys.orElseThrow(() -> ApiException.badRequest("`keys` member must exist."));
    if (names.size() > limits.databasesPerInfoRequest().get()) {
      throw ApiException.badRequest("too_many_keys");
    }
    return names;
  }

  /**
   * Returns the row of a database, or empty if it does not exist. A database that cannot be used
   * gets a row with an error, so that the others are listed.
   */
  private Optional<JsonBuffer> row(String name) {
    JsonBuffer row = new JsonBuffer().raw("{\"key\":").string(name);
    try {
      JsonBuffer info = DatabaseController.json(databases.open(name, Principal.SERVER_ADMIN),
          compactions);
      row.raw(",\"info\":").raw(info.toBytes());
    } catch (StorageException.DatabaseNotFound e) {
      return Optional.empty();
    } catch (StorageException.StoreUnusable e) {
      LOG.error("The database {} cannot be used: {}", name, e.getMessage());
      row.raw(",\"error\":\"storage_unusable\"");
    } catch (StorageException.StoreCorrupt e) {
      LOG.error("{} is damaged: restore it from a backup or a replica", e.file(), e);
      row.raw(",\"error\":\"store_corrupt\"");
    }
    return Optional.of(row.raw('}'));
  }
}
