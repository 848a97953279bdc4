package io.divan.api;

import io.divan.Service;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.rows.ContentRows;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Store;
import java.util.Optional;

/** Counts what a database stores for its attachments. */
final class StoredContents {
  private final Store store;

  /**
   * Opens a database.
   *
   * @param path its path, as {@code /db}
   */
  StoredContents(Service service, String path) {
    store =
        service
            .part(Databases.class)
            .open(path.substring(1), Principal.SERVER_ADMIN)
            .store();
  }

  /** The number of contents, of chunks, of references and of uploads that have not ended. */
  long rows() {
    return count(ContentRows.allContents())
        + count(ContentRows.allChunks())
        + count(ContentRows.allReferences())
        + count(ContentRows.allDeadlines());
  }

  private long count(Range range) {
    return store.read(
        transaction -> {
          long count = 0;
          Optional<Range> rest = Optional.of(range);
          while (rest.isPresent()) {
            Page page = transaction.scan(rest.get());
            count += page.rows().size();
            rest = page.rest();
          }
          return count;
        });
  }
}
