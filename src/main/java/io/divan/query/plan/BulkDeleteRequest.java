package io.divan.query.plan;

import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of a {@code POST _index/_bulk_delete} request.
 *
 * @param designDocuments names or ids of design documents, as sent
 */
public record BulkDeleteRequest(List<String> designDocuments) {

  public BulkDeleteRequest {
    designDocuments = List.copyOf(designDocuments);
  }

  /**
   * Reads a request body.
   *
   * @throws QueryException if the request is invalid
   */
  public static BulkDeleteRequest read(JsonValue.Obj body) {
    RequestMembers members = new RequestMembers(body);
    JsonValue given = members.takeRequired("docids");
    if (!(given instanceof JsonValue.Arr(List<JsonValue> elements))) {
      throw QueryException.badRequest(
          "invalid_bulk_docs",
          "Bulk Delete requires an array of non-null docids. Docids: " + given.toJson());
    }
    List<String> ids = new ArrayList<>();
    for (JsonValue element : elements) {
      RequestMembers.indexName(element);
      ids.add(
          element
              .asString()
              .orElseThrow(
                  () -> QueryException.badRequest(
                      "invalid_index_name", "Invalid index name: " + element.toJson())));
    }
    members.takePositive("w", 2);
    members.end();
    return new BulkDeleteRequest(ids);
  }
}
