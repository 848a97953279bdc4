package io.divan.api.attachment;

import io.divan.api.http.JsonStream;
import io.divan.document.ShownAttachment;
import io.divan.json.JsonBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Selected members of a document with contents in base64. While they are selected, a random mark
 * stands for each content, so that no content is held in memory.
 */
public final class ReducedJson {
  private final String mark = Boundary.random().text();
  private final List<ShownAttachment> marked = new ArrayList<>();
  private final byte[] json;

  /**
   * Selects members.
   *
   * @param whole the document, without {@code _attachments}
   * @param attachments its attachments, at least one
   * @param encodingInfo whether members say how a content is stored
   * @param projection selects the members
   */
  public ReducedJson(
      byte[] whole,
      List<ShownAttachment> attachments,
      boolean encodingInfo,
      UnaryOperator<byte[]> projection)
      throws IOException {
    JsonBuffer out = new JsonBuffer();
    AttachmentJson.append(
        out,
        whole,
        attachments,
        encodingInfo,
        shown -> {
          out.raw(mark).raw(HexFormat.of().toHexDigits(marked.size()));
          marked.add(shown);
        });
    json = projection.apply(out.toBytes());
  }

  /** The members, with marks for contents. */
  public byte[] json() {
    return json;
  }

  /** The attachments whose contents were selected. */
  public List<ShownAttachment> selected() {
    return marks().results().map(this::marked).toList();
  }

  /** Appends the members. */
  public void write(JsonStream stream) throws IOException {
    Matcher marks = marks();
    int from = 0;
    while (marks.find()) {
      stream.buffer().raw(json, from, marks.start() - from);
      AttachmentJson.data(stream, marked(marks));
      from = marks.end();
    }
    stream.buffer().raw(json, from, json.length - from);
  }

  private Matcher marks() {
    String bytes = new String(json, StandardCharsets.ISO_8859_1);
    return Pattern.compile(mark + "([0-9a-f]{8})").matcher(bytes);
  }

  private ShownAttachment marked(MatchResult found) {
    return marked.get(HexFormat.fromHexDigits(found.group(1)));
  }
}
