package io.divan.document;

import io.divan.document.revision.Leaf;
import io.divan.document.rows.Bodies;
import io.divan.storage.ReadTransaction;
import io.divan.storage.WriteTransaction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The observers of one transaction. */
final class Observers {
  private final List<EditObserver> observers;

  private Observers(List<EditObserver> observers) {
    this.observers = observers;
  }

  /** The observers that a database has. */
  static Observers of(EditHooks hooks, EditContext context, WriteTransaction transaction) {
    List<EditObserver> chosen = new ArrayList<>(hooks.observers().size());
    for (EditObserver.Source source : hooks.observers()) {
      source.observer(context, transaction).ifPresent(chosen::add);
    }
    return new Observers(chosen);
  }

  boolean needBodies(String id) {
    for (EditObserver observer : observers) {
      if (observer.needsBodies(id)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The changes that edits in memory amount to. Reads the bodies that are needed and not at hand,
   * so call it before the documents are written. Where the winner stays, none are needed.
   */
  List<DocumentChange> changes(
      ReadTransaction transaction, Collection<EditedDocument> documents) {
    if (observers.isEmpty()) {
      return List.of();
    }
    List<EditedDocument> changed =
        documents.stream().filter(EditedDocument::changesLeaves).toList();
    List<DocumentLoader.Wanted> missing = new ArrayList<>();
    for (EditedDocument document : changed) {
      if (changesWinner(document) && needBodies(document.id)) {
        winners(document)
            .filter(leaf -> document.body(leaf.revision()).isEmpty())
            .map(leaf -> new DocumentLoader.Wanted(document, leaf.revision()))
            .distinct()
            .forEach(missing::add);
      }
    }
    DocumentLoader.readBodies(transaction, missing);
    return changed.stream().map(this::change).toList();
  }

  private static boolean changesWinner(EditedDocument document) {
    Optional<Leaf> before = document.before.winner();
    Optional<Leaf> after = document.tree.winner();
    return !before.map(Leaf::revision).equals(after.map(Leaf::revision))
        || !before.map(Leaf::deleted).equals(after.map(Leaf::deleted));
  }

  private static Stream<Leaf> winners(EditedDocument document) {
    return Stream.of(document.before.winner(), document.tree.winner())
        .flatMap(Optional::stream);
  }

  private DocumentChange change(EditedDocument document) {
    boolean bodies = changesWinner(document) && needBodies(document.id);
    return new DocumentChange(
        document.id,
        document.before.winner().map(leaf -> version(document, leaf, bodies)),
        document.tree.winner().map(leaf -> version(document, leaf, bodies)));
  }

  private static DocumentVersion version(EditedDocument document, Leaf leaf, boolean bodies) {
    Optional<byte[]> body =
        bodies
            ? Optional.of(
                document
                    .body(leaf.revision())
                    .map(Bodies.Body::json)
                    .orElseThrow(
                        () -> DocumentReader.bodyMissing(document.id, leaf.revision())))
            : Optional.empty();
    return new DocumentVersion(leaf.revision(), leaf.deleted(), body);
  }

  /** Returns the number of rows that the observers have written. */
  long rowsWritten() {
    long rows = 0;
    for (EditObserver observer : observers) {
      rows += observer.rowsWritten();
    }
    return rows;
  }

  /** Reports changes to every observer. */
  void report(List<DocumentChange> changes) {
    if (!changes.isEmpty()) {
      observers.forEach(observer -> observer.changed(changes));
    }
  }
}
