package io.divan.json;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.io.IOContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;
import tools.jackson.core.json.ReaderBasedJsonParser;
import tools.jackson.core.sym.CharsToNameCanonicalizer;

/**
 * A parser that writes long strings in pieces as they lie in its buffer. Jackson's own method
 * copies character by character, and takes several times as long.
 */
final class StreamingJsonParser extends ReaderBasedJsonParser {

  private StreamingJsonParser(
      ObjectReadContext context,
      IOContext input,
      int streamFeatures,
      int formatFeatures,
      Reader reader,
      CharsToNameCanonicalizer names) {
    super(context, input, streamFeatures, formatFeatures, reader, names);
  }

  @Override
  public long readString(Writer to) {
    if (_currToken != JsonToken.VALUE_STRING || !_tokenIncomplete) {
      return super.readString(to);
    }
    _tokenIncomplete = false;
    try {
      return copy(to);
    } catch (IOException e) {
      throw _wrapIOFailure(e);
    }
  }

  private long copy(Writer to) throws IOException {
    long length = 0;
    while (true) {
      if (_inputPtr >= _inputEnd && !_loadMore()) {
        _reportInvalidEOF(": was expecting closing quote for a string value", _currToken);
      }
      int from = _inputPtr;
      _inputPtr = plainEnd(_inputBuffer, from, _inputEnd);
      to.write(_inputBuffer, from, _inputPtr - from);
      length += _inputPtr - from;
      if (_inputPtr < _inputEnd) {
        char c = _inputBuffer[_inputPtr++];
        if (c == '"') {
          return length;
        }
        if (c != '\\') {
          _throwUnquotedSpace(c, "string value");
        }
        to.write(_decodeEscaped());
        length++;
      }
    }
  }

  /** Returns the index of the first character that ends or interrupts a string. */
  private static int plainEnd(char[] text, int from, int end) {
    int at = from;
    while (at < end && text[at] >= ' ' && text[at] != '"' && text[at] != '\\') {
      at++;
    }
    return at;
  }

  /** Creates these parsers. */
  static final class Factory extends JsonFactory {
    Factory(JsonFactoryBuilder settings) {
      super(settings);
    }

    @Override
    protected JsonParser _createParser(ObjectReadContext context, IOContext input, Reader reader) {
      return new StreamingJsonParser(
          context,
          input,
          context.getStreamReadFeatures(_streamReadFeatures),
          context.getFormatReadFeatures(_formatReadFeatures),
          reader,
          _rootCharSymbols.makeChild());
    }
  }
}
