package io.divan.api.attachment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Decides by the headers of a request which form of a resource it gets, as CouchDB does. Weights do
 * not rank the forms; only a weight of zero refuses one. Elements that are malformed do not count.
 *
 * <p>Each header is given as the list of its values, which is empty if the request lacks it.
 */
public final class Negotiation {
  private static final String ANY = "*/*";
  private static final Pattern WEIGHT = Pattern.compile("[01](\\.\\d{1,3})?");

  private Negotiation() {}

  /** The form of a response with several documents. */
  public enum Form {
    JSON("application/json"),
    MIXED("multipart/mixed"),
    RELATED(RelatedBody.TYPE);

    private final String type;

    Form(String type) {
      this.type = type;
    }

    /** The media type. */
    public String type() {
      return type;
    }
  }

  /** The form of a document with the content of its attachments. */
  public static Form document(List<String> accept) {
    return accepts(accept, Form.RELATED.type()) ? Form.RELATED : Form.JSON;
  }

  /** The form of the response to {@code open_revs}. */
  public static Form openRevisions(List<String> accept) {
    return accepts(accept, Form.MIXED.type()) ? Form.MIXED : Form.JSON;
  }

  /** The form of the response of {@code _bulk_get}. */
  public static Form bulkGet(List<String> accept) {
    if (accepts(accept, Form.JSON.type())) {
      return Form.JSON;
    }
    if (accepts(accept, Form.MIXED.type())) {
      return Form.MIXED;
    }
    return document(accept);
  }

  /** Whether an {@code Accept} header admits a type. Without one every type is admitted. */
  private static boolean accepts(List<String> accept, String type) {
    if (accept.isEmpty()) {
      return true;
    }
    String range = type.substring(0, type.indexOf('/')) + "/*";
    List<Element> elements = elements(accept);
    return elements.stream()
        .anyMatch(e -> !e.refused() && List.of(type, range, ANY).contains(e.value()))
        && elements.stream().noneMatch(e -> e.refused() && List.of(type, range).contains(e
            .value()));
  }

  /** Whether an {@code Accept-Encoding} header admits gzip. Without one it is not admitted. */
  static boolean acceptsGzip(List<String> acceptEncoding) {
    List<Element> elements = elements(acceptEncoding);
    List<Element> named = elements.stream().filter(e -> e.value().equals("gzip")).toList();
    List<Element> decisive =
        named.isEmpty() ? elements.stream().filter(e -> e.value().equals("*")).toList() : named;
    return !decisive.isEmpty() && decisive.stream().noneMatch(Element::refused);
  }

  /**
   * Whether an {@code If-None-Match} header names an entity tag, so that the response is 304.
   *
   * @param etag the tag with its quotation marks
   */
  static boolean matches(List<String> ifNoneMatch, String etag) {
    return ifNoneMatch.stream()
        .flatMap(value -> Arrays.stream(value.split("[, \t]+")))
        .map(tag -> tag.startsWith("W/") ? tag.substring(2) : tag)
        .anyMatch(tag -> tag.equals("*") || tag.equals(etag));
  }

  /**
   * An element of a header.
   *
   * @param value the text with its parameters but for the weight, in lower case
   * @param refused whether its weight is zero
   */
  private record Element(String value, boolean refused) {}

  private static List<Element> elements(List<String> header) {
    return header.stream()
        .flatMap(value -> Arrays.stream(value.toLowerCase(Locale.ROOT).split(",")))
        .flatMap(text -> element(text).stream())
        .toList();
  }

  private static Optional<Element> element(String text) {
    List<String> pieces =
        Arrays.stream(text.split(";")).filter(piece -> !piece.isEmpty()).toList();
    if (pieces.isEmpty()) {
      return Optional.empty();
    }
    List<String> kept = new ArrayList<>(List.of(pieces.getFirst().strip()));
    Optional<String> weight = Optional.empty();
    for (String piece : pieces.subList(1, pieces.size())) {
      String parameter = piece.replaceAll("\\s", "");
      if (weight.isEmpty() && parameter.startsWith("q=")) {
        weight = Optional.of(parameter.substring(2));
      } else {
        kept.add(parameter);
      }
    }
    double factor = weight.map(Negotiation::weight).orElse(1.0);
    return factor < 0 || factor > 1
        ? Optional.empty()
        : Optional.of(new Element(String.join(";", kept), factor == 0));
  }

  private static double weight(String text) {
    return WEIGHT.matcher(text).matches() ? Double.parseDouble(text) : -1;
  }
}
