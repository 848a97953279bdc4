package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordSpace;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import org.junit.jupiter.api.Test;

/** An instance whose schema is older than the stored one, which lacks an index that it knows. */
class OldSchemaTest {
  private static final Schema PLAIN =
      Schema.version(1)
          .type(
              RecordType.of(1, "user")
                  .field(1, "id", FieldType.INTEGER)
                  .field(2, "city", FieldType.TEXT)
                  .key("id"));

  @Test
  void droppedIndex_isNewerSchema_notDamage() {
    try (StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter())) {
      Store store = adapter.create("db", transaction -> {});
      RecordStore first = RecordStore.open(store, RecordSpace.whole(), PLAIN);
      first.write(
          transaction -> {
            transaction.put(Rec.of("user").with("id", 1).with("city", "Oslo"));
            return true;
          });
      RecordStore old =
          RecordStore.open(
              store,
              RecordSpace.whole(),
              new Schema(2, PLAIN.types(), PLAIN.indexes(), PLAIN.upgrades())
                  .index(Index.value("city", "user", "city")));
      RecordStore.open(
          store,
          RecordSpace.whole(),
          new Schema(3, PLAIN.types(), PLAIN.indexes(), PLAIN.upgrades()));
      assertThatThrownBy(old::buildStep).isInstanceOf(RecordException.NewerSchema.class);
      assertThatThrownBy(() -> old.index("city")).isInstanceOf(RecordException.NewerSchema.class);
      assertThatThrownBy(() -> old.rebuild("city"))
          .isInstanceOf(RecordException.NewerSchema.class);
      assertThatThrownBy(() -> old.scrub("city", false))
          .isInstanceOf(RecordException.NewerSchema.class);
    }
  }
}
