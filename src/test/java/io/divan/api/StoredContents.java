package io.divan.api;

import io.divan.Service;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.TestAttachments;
import io.divan.storage.Store;

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
    return TestAttachments.rows(store).stream().mapToLong(Long::longValue).sum();
  }
}
