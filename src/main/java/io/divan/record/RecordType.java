package io.divan.record;

import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A type of records. {@link #of} starts a description, to which the other methods add; {@link
 * Schema} checks it.
 *
 * @param number identifies the type for ever; at least 1, never reused
 * @param name its name, which may change
 * @param fields its fields
 * @param key the names of the fields of the primary key, none of them an array
 * @param codec the encoding of its records
 */
public record RecordType(
    int number, String name, List<Field> fields, List<String> key, RecordCodec codec) {
  public RecordType {
    fields = List.copyOf(fields);
    key = List.copyOf(key);
  }

  /** Starts the description of a type whose records are encoded as JSON. */
  public static RecordType of(int number, String name) {
    return new RecordType(number, name, List.of(), List.of(), RecordCodec.JSON);
  }

  /** Adds a field. */
  public RecordType field(int fieldNumber, String fieldName, FieldType type) {
    return field(new Field(fieldNumber, fieldName, type));
  }

  /** Adds a field with a value for the records that were written before it existed. */
  public RecordType field(int fieldNumber, String fieldName, FieldType type, Object initial) {
    return field(new Field(fieldNumber, fieldName, type, Optional.of(initial)));
  }

  /** Adds a field. */
  public RecordType field(Field field) {
    List<Field> all = Stream.concat(fields.stream(), Stream.of(field)).toList();
    return new RecordType(number, name, all, key, codec);
  }

  /** Sets the fields of the primary key. */
  public RecordType key(String... names) {
    return new RecordType(number, name, fields, List.of(names), codec);
  }

  /** Sets the encoding. */
  public RecordType codec(RecordCodec other) {
    return new RecordType(number, name, fields, key, other);
  }

  /** Returns the field with this name. */
  public Optional<Field> find(String fieldName) {
    for (Field field : fields) { // a stream costs more than the search
      if (field.name().equals(fieldName)) {
        return Optional.of(field);
      }
    }
    return Optional.empty();
  }

  /** Returns the field with this number. */
  public Optional<Field> find(int fieldNumber) {
    for (Field field : fields) {
      if (field.number() == fieldNumber) {
        return Optional.of(field);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the field with this name.
   *
   * @throws RecordException.Invalid if there is none
   */
  public Field require(String fieldName) {
    return find(fieldName)
        .orElseThrow(
            () -> new RecordException.Invalid("Type " + name + " has no field " + fieldName));
  }

  /** Returns the primary key of a record, as the tuple of its elements. */
  public byte[] primaryKey(Rec rec) {
    TupleWriter writer = new TupleWriter();
    for (String each : key) {
      Object value = require(each).type().normal(rec.value(each));
      if (value == null) {
        throw new RecordException.Invalid(
            "A record of type " + name + " needs a value of its key field " + each);
      }
      writer.addElement(value);
    }
    return writer.toBytes();
  }

  /** Returns a primary key as the tuple of its elements, with checked types. */
  public byte[] primaryKey(Key of) {
    if (of.elements().size() != key.size()) {
      throw new RecordException.Invalid(
          "The key of type " + name + " has " + key.size() + " elements, not "
              + of.elements().size());
    }
    TupleWriter writer = new TupleWriter();
    for (int i = 0; i < key.size(); i++) {
      writer.addElement(require(key.get(i)).type().normal(of.elements().get(i)));
    }
    return writer.toBytes();
  }

  /** Returns the elements of a packed primary key. */
  public static Key key(byte[] primaryKey) {
    List<Object> elements = new ArrayList<>();
    for (@Nullable Object each : TupleReader.unpack(primaryKey)) {
      if (each == null) {
        throw new RecordException.Damaged("A primary key contains null");
      }
      elements.add(each);
    }
    return new Key(elements);
  }
}
