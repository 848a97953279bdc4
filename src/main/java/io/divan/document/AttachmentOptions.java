package io.divan.document;

import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionPath;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How attachments are shown in documents.
 *
 * @param contents whether contents are wanted, which {@link FoundDocument#attachments} then holds;
 *     else the document's JSON has stubs
 * @param encodingInfo whether stubs say how the content is stored
 * @param since revisions whose attachments the client has, so that it needs stubs only
 */
public record AttachmentOptions(boolean contents, boolean encodingInfo, List<Revision> since) {

  /** Stubs without information about the encoding. */
  public static final AttachmentOptions STUBS = new AttachmentOptions(false, false, List.of());

  /**
   * The position of the newest revision on a path whose attachments the client has; 0 if it has
   * none.
   */
  long known(RevisionPath path) {
    if (since.isEmpty()) {
      return 0;
    }
    Set<Revision> wanted = new HashSet<>(since);
    return path.revisions().stream()
        .filter(wanted::contains)
        .mapToLong(Revision::position)
        .max()
        .orElse(0);
  }
}
