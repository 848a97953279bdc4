package io.divan.query.plan;

import io.divan.json.JsonValue;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The name that CouchDB generates for an index without one. Equal requests have equal names in
 * CouchDB and here, so that replication does not double an index.
 *
 * <p>The name is the SHA-1 of the request in Erlang's external term format, version 131 with minor
 * version 1: {@code {Definition, Options}}.
 */
final class GeneratedName {
  private static final int BYTE_LISTS_MAX = 65_536;
  private static final int SMALL_BIG_BYTES = 256;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private GeneratedName() {}

  /** Returns the name for the body of a {@code POST _index} request. */
  static String of(JsonValue.Obj body) {
    GeneratedName term = new GeneratedName();
    JsonValue definition = body.members().getOrDefault("index", JsonValue.Literal.NULL);
    term.out.write(131);
    term.tuple(2);
    term.value(definition);
    term.listHeader(6);
    term.option(body, "ddoc", () -> term.atom("auto_name"));
    term.atomAndValue("def", definition);
    term.option(body, "name", () -> term.atom("auto_name"));
    term.option(body, "partitioned", () -> term.atom("db_default"));
    term.option(body, "type", () -> term.binary("json"));
    term.option(body, "w", () -> term.integer(BigInteger.TWO));
    term.out.write('j');
    return HexFormat.of().formatHex(sha1(term.out.toByteArray()));
  }

  private static byte[] sha1(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void option(JsonValue.Obj body, String name, Runnable otherwise) {
    JsonValue given = body.members().get(name);
    if (given == null) {
      tuple(2);
      atom(name);
      otherwise.run();
    } else {
      atomAndValue(name, given);
    }
  }

  private void atomAndValue(String name, JsonValue value) {
    tuple(2);
    atom(name);
    value(value);
  }

  private void value(JsonValue value) {
    switch (value) {
      case JsonValue.Literal literal -> atom(literal.toJson());
      case JsonValue.Num number -> {
        if (number.isInteger()) {
          integer(new BigInteger(number.text()));
        } else {
          out.write('F');
          out.writeBytes(
              ByteBuffer.allocate(8).putDouble(Double.parseDouble(number.text())).array());
        }
      }
      case JsonValue.Str string -> binary(string.text());
      case JsonValue.Arr array -> list(array.elements());
      case JsonValue.Obj object -> {
        tuple(1);
        if (!object.members().isEmpty()) {
          listHeader(object.members().size());
          for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
            tuple(2);
            binary(member.getKey());
            value(member.getValue());
          }
        }
        out.write('j');
      }
    }
  }

  private void list(List<JsonValue> elements) {
    if (elements.isEmpty()) {
      out.write('j');
    } else if (elements.size() < BYTE_LISTS_MAX
        && elements.stream().allMatch(GeneratedName::isByte)) {
      out.write('k');
      out.write(elements.size() >> 8);
      out.write(elements.size());
      elements.forEach(element -> out.write(Integer.parseInt(((JsonValue.Num) element).text())));
    } else {
      listHeader(elements.size());
      elements.forEach(this::value);
      out.write('j');
    }
  }

  private static boolean isByte(JsonValue value) {
    if (!(value instanceof JsonValue.Num number) || !number.isInteger()) {
      return false;
    }
    BigInteger integer = new BigInteger(number.text());
    return integer.signum() >= 0 && integer.bitLength() <= Byte.SIZE;
  }

  private void tuple(int size) {
    out.write('h');
    out.write(size);
  }

  private void listHeader(int size) {
    out.write('l');
    out.writeBytes(ByteBuffer.allocate(4).putInt(size).array());
  }

  private void atom(String name) {
    out.write('d');
    out.write(name.length() >> 8);
    out.write(name.length());
    out.writeBytes(name.getBytes(StandardCharsets.ISO_8859_1));
  }

  private void binary(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.write('m');
    out.writeBytes(ByteBuffer.allocate(4).putInt(utf8.length).array());
    out.writeBytes(utf8);
  }

  private void integer(BigInteger integer) {
    if (integer.signum() >= 0 && integer.bitLength() <= Byte.SIZE) {
      out.write('a');
      out.write(integer.intValue());
    } else if (integer.bitLength() < Integer.SIZE) {
      out.write('b');
      out.writeBytes(ByteBuffer.allocate(4).putInt(integer.intValue()).array());
    } else {
      int count = (integer.abs().bitLength() + 7) / 8;
      if (count < SMALL_BIG_BYTES) {
        out.write('n');
        out.write(count);
      } else {
        out.write('o');
        out.writeBytes(ByteBuffer.allocate(4).putInt(count).array());
      }
      out.write(integer.signum() < 0 ? 1 : 0);
      for (int i = 0; i < count; i++) {
        out.write(integer.abs().shiftRight(8 * i).intValue());
      }
    }
  }
}
