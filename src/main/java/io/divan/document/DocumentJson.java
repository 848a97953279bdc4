package io.divan.document;

import io.divan.document.revision.Attachment;
import io.divan.document.revision.Content;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionPath;
import io.divan.document.revision.RevisionTree;
import io.divan.document.revision.Sequence;
import io.divan.document.rows.Tables;
import io.divan.json.JsonBuffer;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Assembles a document's JSON from stored bytes, in CouchDB's order of members: id, revision, the
 * body's members, {@code _deleted}, {@code _revisions}, then the members about its tree.
 */
final class DocumentJson {

  private DocumentJson() {}

  /** Appends everything but the closing brace. */
  static void open(JsonBuffer out, String id, String revision, boolean deleted, byte[] body) {
    out.raw("{\"_id\":").string(id).raw(",\"_rev\":").string(revision);
    if (body.length > 2) {
      out.raw(',').raw(body, 1, body.length - 2);
    }
    if (deleted) {
      out.raw(",\"_deleted\":true");
    }
  }

  static byte[] of(String id, String revision, boolean deleted, byte[] body) {
    JsonBuffer out = new JsonBuffer();
    open(out, id, revision, deleted, body);
    return out.raw('}').toBytes();
  }

  /** Appends stubs of attachments, in CouchDB's order of members. */
  static void stubs(JsonBuffer out, List<Attachment> attachments, boolean encodingInfo) {
    if (attachments.isEmpty()) {
      return;
    }
    out.raw(",\"_attachments\":{");
    boolean first = true;
    for (Attachment attachment : attachments) {
      out.raw(first ? "" : ",").string(attachment.name()).raw(':');
      first = false;
      stub(out, attachment, encodingInfo);
    }
    out.raw('}');
  }

  static void stub(JsonBuffer out, Attachment attachment, boolean encodingInfo) {
    openAttachment(out, attachment);
    out.raw(",\"length\":").number(attachment.content().length()).raw(",\"stub\":true");
    closeAttachment(out, attachment, encodingInfo);
  }

  /** Appends the members of an attachment before its length. */
  static void openAttachment(JsonBuffer out, Attachment attachment) {
    out.raw("{\"content_type\":").string(attachment.type());
    out.raw(",\"revpos\":").number(attachment.revisionPosition());
    out.raw(",\"digest\":\"").raw(attachment.content().digest()).raw('"');
  }

  /** Appends the last members of an attachment, and the brace. */
  static void closeAttachment(JsonBuffer out, Attachment attachment, boolean encodingInfo) {
    Content content = attachment.content();
    if (encodingInfo && content.gzip()) {
      out.raw(",\"encoding\":\"gzip\",\"encoded_length\":").number(content.storedLength());
    }
    out.raw('}');
  }

  static void revisions(JsonBuffer out, RevisionPath path) {
    out.raw(",\"_revisions\":{\"start\":").number(path.position()).raw(",\"ids\":[");
    for (int i = 0; i < path.length(); i++) {
      if (i > 0) {
        out.raw(',');
      }
      out.string(Revision.idText(path.id(i)));
    }
    out.raw("]}");
  }

  /** Appends the members about the tree and one of its leaves that the options ask for. */
  static void meta(
      JsonBuffer out,
      ReadTransaction transaction,
      String id,
      RevisionTree tree,
      Leaf leaf,
      Optional<Sequence> sequence,
      ReadOptions options) {
    if (options.revisionsInfo()) {
      revisionsInfo(out, transaction, id, leaf.path());
    }
    if (options.localSequence()) {
      sequence.ifPresent(s -> out.raw(",\"_local_seq\":").string(s.toString()));
    }
    if (options.conflicts()) {
      others(out, "_conflicts", tree, leaf, false);
    }
    if (options.deletedConflicts()) {
      others(out, "_deleted_conflicts", tree, leaf, true);
    }
  }

  private static void others(
      JsonBuffer out, String name, RevisionTree tree, Leaf shown, boolean deleted) {
    List<Leaf> leaves =
        tree.leavesWinnerFirst().stream()
            .filter(leaf -> !leaf.revision().equals(shown.revision()))
            .filter(leaf -> leaf.deleted() == deleted)
            .toList();
    if (leaves.isEmpty()) {
      return;
    }
    out.raw(",\"").raw(name).raw("\":[");
    boolean first = true;
    for (Leaf leaf : leaves) {
      if (!first) {
        out.raw(',');
      }
      first = false;
      out.string(leaf.revision().toString());
    }
    out.raw(']');
  }

  private static void revisionsInfo(
      JsonBuffer out, ReadTransaction transaction, String id, RevisionPath path) {
    out.raw(",\"_revs_info\":[");
    List<Optional<byte[]>> heads = firstChunks(transaction, id, path);
    for (int i = 0; i < path.length(); i++) {
      if (i > 0) {
        out.raw(',');
      }
      String status =
          heads.get(i).map(head -> head[0] == 1 ? "deleted" : "available").orElse("missing");
      out.raw("{\"rev\":").string(path.revision(i).toString());
      out.raw(",\"status\":\"").raw(status).raw("\"}");
    }
    out.raw(']');
  }

  private static List<Optional<byte[]>> firstChunks(
      ReadTransaction transaction, String id, RevisionPath path) {
    List<Range> ranges = new ArrayList<>(path.length());
    path.revisions().forEach(revision -> ranges.add(Tables.body(id, revision).limit(1)));
    List<Optional<byte[]>> heads = new ArrayList<>(path.length());
    while (heads.size() < path.length()) {
      for (Page page : transaction.scanAll(ranges.subList(heads.size(), ranges.size()))) {
        if (page.rows().isEmpty() && page.stop() == Page.Stop.BYTES) {
          break;
        }
        heads.add(page.rows().stream().findFirst().map(row -> row.value()));
      }
    }
    return heads;
  }
}
