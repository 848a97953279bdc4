package io.divan.record;

import io.divan.json.JsonBuffer;
import io.divan.json.JsonException;
import io.divan.json.JsonValue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records as JSON objects; {@link RecordCodec#JSON} describes them. */
public final class JsonCodec implements RecordCodec {
  private static final String BYTES = "$bytes";
  private static final String DOUBLE = "$double";

  @Override
  public byte[] encode(RecordType type, Rec rec) {
    JsonBuffer out = new JsonBuffer();
    char before = '{';
    for (Field field : type.fields()) {
      Object value = rec.value(field.name());
      if (value != null) {
        member(out, before, field.name());
        write(out, value);
        before = ',';
      }
    }
    if (before == '{') {
      out.raw('{');
    }
    return out.raw('}').toBytes();
  }

  @Override
  public Rec decode(RecordType type, byte[] bytes) {
    try {
      if (!(JsonValue.read(bytes) instanceof JsonValue.Obj(Map<String, JsonValue> members))) {
        throw new RecordException.Damaged("A record is not a JSON object");
      }
      Map<String, Object> values = new LinkedHashMap<>();
      for (Field field : type.fields()) {
        JsonValue member = members.get(field.name());
        Object value = member == null ? null : field.type().normal(read(member));
        if (value != null) {
          values.put(field.name(), value);
        }
      }
      return Rec.normal(type.name(), values);
    } catch (JsonException e) {
      throw new RecordException.Damaged("A record is not JSON: " + e.getMessage());
    }
  }

  /** Appends a value. */
  public static void write(JsonBuffer out, @Nullable Object value) {
    switch (value) {
      case null -> out.raw("null");
      case String text -> out.string(text);
      case Double number when !Double.isFinite(number) -> {
        member(out, '{', DOUBLE);
        out.string(number.toString()).raw('}');
      }
      case byte[] bytes -> {
        member(out, '{', BYTES);
        out.string(Base64.getEncoder().encodeToString(bytes)).raw('}');
      }
      case List<?> list -> {
        out.raw('[');
        for (int i = 0; i < list.size(); i++) {
          if (i > 0) {
            out.raw(',');
          }
          write(out, list.get(i));
        }
        out.raw(']');
      }
      default -> out.raw(value.toString());
    }
  }

  /** Returns a value as JSON. */
  public static String text(@Nullable Object value) {
    JsonBuffer out = new JsonBuffer();
    write(out, value);
    return out.toString();
  }

  /** Returns the value of JSON. */
  public static @Nullable Object read(JsonValue json) {
    return switch (json) {
      case JsonValue.Literal.NULL -> null;
      case JsonValue.Literal literal -> literal == JsonValue.Literal.TRUE;
      case JsonValue.Str(String text) -> text;
      case JsonValue.Num number when number.isInteger() ->
          Values.normal(new BigInteger(number.text()));
      case JsonValue.Num(String text) -> Double.valueOf(text);
      case JsonValue.Arr(List<JsonValue> elements) -> {
        List<@Nullable Object> values = new ArrayList<>(elements.size());
        for (JsonValue each : elements) {
          values.add(read(each));
        }
        yield values;
      }
      case JsonValue.Obj(Map<String, JsonValue> members) -> special(members);
    };
  }

  private static Object special(Map<String, JsonValue> members) {
    if (members.get(BYTES) instanceof JsonValue.Str(String text)) {
      return Base64.getDecoder().decode(text);
    }
    if (members.get(DOUBLE) instanceof JsonValue.Str(String text)) {
      return Double.valueOf(text);
    }
    throw new RecordException.Damaged("A JSON object is not the value of a field");
  }

  private static void member(JsonBuffer out, char before, String name) {
    out.raw(before).string(name).raw(':');
  }
}
