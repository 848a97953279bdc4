package io.divan.record.relational;

import io.divan.record.Field;
import io.divan.record.Rec;
import io.divan.record.RecordCodec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows as tuples: the number and the value of each column that is not null, in the order of the
 * columns. Several times as fast as JSON to read.
 */
final class RowCodec implements RecordCodec {
  static final RowCodec INSTANCE = new RowCodec();

  private RowCodec() {}

  @Override
  public byte[] encode(RecordType type, Rec rec) {
    TupleWriter writer = new TupleWriter();
    for (Field field : type.fields()) {
      Object value = rec.value(field.name());
      if (value != null) {
        writer.add(field.number()).addElement(value);
      }
    }
    return writer.toBytes();
  }

  @Override
  public Rec decode(RecordType type, byte[] bytes) {
    List<Field> fields = type.fields();
    Map<String, Object> values = LinkedHashMap.newLinkedHashMap(fields.size());
    try {
      TupleReader reader = new TupleReader(bytes);
      int next = 0;
      while (reader.hasNext()) {
        long number = reader.nextLong();
        Object value = reader.nextElement();
        while (next < fields.size() && fields.get(next).number() != number) {
          next++;
        }
        if (next == fields.size() || value == null) {
          throw damaged(type);
        }
        values.put(fields.get(next).name(), value);
      }
    } catch (IllegalArgumentException e) {
      throw damaged(type);
    }
    return Rec.normal(type.name(), values);
  }

  private static RecordException damaged(RecordType type) {
    return new RecordException.Damaged("A row of table " + type.name() + " cannot be read");
  }
}
