package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.fdb.CountingDatabase;
import java.util.ArrayList;
import java.util.List;

/** Updates of a hundred documents, whose operations on FoundationDB are counted. */
public final class CountedUpdates {
  private CountedUpdates() {}

  /**
   * Updates a hundred documents twice, and returns the operations of the second update.
   *
   * @param before the members of the documents after the first update
   * @param after the members after the second
   */
  public static CountingDatabase.Counts second(
      CountingDatabase counting, Databases databases, String name, String before, String after) {
    List<DocumentInput> edits = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      edits.add(TestDatabases.input("{'_id':'doc" + i + "'," + before + "}"));
    }
    List<DocumentInput> updates = new ArrayList<>();
    for (UpdateResult result : open(databases, name).update(edits)) {
      String revision = ((UpdateResult.Saved) result).revision();
      updates.add(
          TestDatabases.input(
              "{'_id':'" + result.id() + "','_rev':'" + revision + "'," + after + "}"));
    }
    counting.take();
    assertThat(open(databases, name).update(updates))
        .hasOnlyElementsOfType(UpdateResult.Saved.class);
    return counting.take();
  }

  private static Database open(Databases databases, String name) {
    return databases.openForRequest(name, Principal.SERVER_ADMIN);
  }
}
