package io.divan.document.rouch;

import io.divan.document.revision.Revision;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads RouchDB's records. The record of a document has one of two forms:
 *
 * <pre>
 * {"rev_tree":[{"pos":1,"tree":{"hash":"…","status":"available","deleted":false,
 *                               "children":[…]}}],"seq":42}             up to version 0.4
 * {"revs":[{"pos":1,"hash":"…"},{"pos":2,"hash":"…","parent":0}],"seq":42}     from 0.5 on
 * </pre>
 *
 * <p>In the first, {@code status} may be {@code "missing"}. In the second, a revision may have
 * {@code "missing":true} and {@code "deleted":true}.
 */
final class RouchRecords {

  /** Thrown if a record does not have RouchDB's form. */
  static final class Malformed extends RuntimeException {
    Malformed(String reason) {
      super(reason);
    }
  }

  /**
   * A revision.
   *
   * @param parent the index of its parent, which is smaller than its own, or -1
   * @param missing whether its body is not stored
   */
  record Node(Revision revision, String text, int parent, boolean missing, boolean deleted) {}

  /**
   * A document's record.
   *
   * @param nodes its revisions, parents before their children
   * @param sequence the sequence of its last change
   */
  record Document(List<Node> nodes, long sequence) {

    /** Returns the indexes of nodes without children. */
    BitSet leaves() {
      BitSet leaves = new BitSet(nodes.size());
      leaves.set(0, nodes.size());
      nodes.stream().filter(node -> node.parent >= 0).forEach(node -> leaves.clear(node.parent));
      return leaves;
    }

    /** Returns a revision and its ancestors, newest first. */
    List<Revision> path(int index) {
      List<Revision> path = new ArrayList<>();
      for (int i = index; i >= 0; i = nodes.get(i).parent) {
        path.add(nodes.get(i).revision);
      }
      return path;
    }
  }

  /** The maximum nesting depth of JSON. A nested tree has two levels per generation. */
  private static final int DEPTH_MAX = 200_000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
          .build();

  private RouchRecords() {}

  /**
   * Reads a document's record.
   *
   * @throws Malformed if it has neither form
   */
  static Document document(byte[] record) {
    try (JsonParser parser = open(record)) {
      List<Node> nodes = new ArrayList<>();
      long sequence = -1;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("seq") && value == JsonToken.VALUE_NUMBER_INT) {
          sequence = parser.getLongValue();
        } else if (name.equals("rev_tree") && value == JsonToken.START_ARRAY) {
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            root(parser, nodes);
          }
        } else if (name.equals("revs") && value == JsonToken.START_ARRAY) {
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            nodes.add(flat(parser, nodes));
          }
        } else {
          parser.skipChildren();
        }
      }
      if (sequence < 0 || nodes.isEmpty()) {
        throw new Malformed("it has no sequence or no revisions");
      }
      return new Document(nodes, sequence);
    } catch (JacksonException e) {
      throw new Malformed(e.getOriginalMessage());
    }
  }

  /** Returns the id in a change's record. */
  static String changedId(byte[] record) {
    try (JsonParser parser = open(record)) {
      Optional<String> id = Optional.empty();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("doc_id") && value == JsonToken.VALUE_STRING) {
          id = Optional.of(parser.getString());
        } else {
          parser.skipChildren();
        }
      }
      return id.orElseThrow(() -> new Malformed("it names no document"));
    } catch (JacksonException e) {
      throw new Malformed(e.getOriginalMessage());
    }
  }

  private static JsonParser open(byte[] record) {
    JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), record);
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new Malformed("it is not a JSON object");
    }
    return parser;
  }

  /** Reads one path: the position of its root and the nested tree. */
  private static void root(JsonParser parser, List<Node> nodes) {
    long position = -1;
    boolean tree = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("pos") && value == JsonToken.VALUE_NUMBER_INT) {
        position = parser.getLongValue();
      } else if (name.equals("tree") && value == JsonToken.START_OBJECT && position >= 0) {
        new Nested(parser, nodes).read(position);
        tree = true;
      } else {
        parser.skipChildren();
      }
    }
    if (!tree) {
      throw new Malformed("a path has no position or no tree");
    }
  }

  /** Reads a nested tree without recursion, because it may have thousands of generations. */
  private static final class Nested {
    private final JsonParser parser;
    private final List<Node> nodes;
    private final List<PartialNode> open = new ArrayList<>();

    /** A node that has not been read to its end. */
    private static final class PartialNode {
      private final int index;
      private final int parent;
      private String hash = "";
      private boolean missing;
      private boolean deleted;

      PartialNode(int index, int parent) {
        this.index = index;
        this.parent = parent;
      }
    }

    Nested(JsonParser parser, List<Node> nodes) {
      this.parser = parser;
      this.nodes = nodes;
    }

    void read(long rootPosition) {
      begin();
      while (!open.isEmpty()) {
        PartialNode node = open.getLast();
        switch (parser.nextToken()) {
          case PROPERTY_NAME -> member(node);
          case START_OBJECT -> begin(); // a child: other members that hold objects are skipped
          case END_ARRAY -> {
            // the end of the children
          }
          case END_OBJECT -> {
            nodes.set(node.index, node(rootPosition + open.size() - 1, node));
            open.removeLast();
          }
          case null, default -> throw new Malformed("its tree is malformed");
        }
      }
    }

    private void begin() {
      open.add(new PartialNode(nodes.size(), open.isEmpty() ? -1 : open.getLast().index));
      nodes.add(PLACEHOLDER);
    }

    private void member(PartialNode node) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "hash" -> node.hash = text(parser);
        case "status" -> node.missing = !text(parser).equals("available");
        case "deleted" -> node.deleted = value == JsonToken.VALUE_TRUE;
        case "children" -> {
          if (value != JsonToken.START_ARRAY) {
            throw new Malformed("the children of a revision are not an array");
          }
        }
        default -> parser.skipChildren();
      }
    }

    private static Node node(long position, PartialNode half) {
      return RouchRecords.node(position, half.hash, half.parent, half.missing, half.deleted);
    }
  }

  private static final Node PLACEHOLDER = new Node(new Revision(1, new byte[1]), "", -1, true,
      false);

  private static Node flat(JsonParser parser, List<Node> before) {
    long position = -1;
    String hash = "";
    int parent = -1;
    boolean missing = false;
    boolean deleted = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "pos" -> position = parser.getLongValue();
        case "hash" -> hash = text(parser);
        case "parent" -> parent = value == JsonToken.VALUE_NULL ? -1 : parser.getIntValue();
        case "missing" -> missing = value == JsonToken.VALUE_TRUE;
        case "deleted" -> deleted = value == JsonToken.VALUE_TRUE;
        default -> parser.skipChildren();
      }
    }
    if (parent < -1 || parent >= before.size()
        || parent >= 0 && before.get(parent).revision.position() != position - 1) {
      throw new Malformed("the parent of a revision is invalid");
    }
    return node(position, hash, parent, missing, deleted);
  }

  private static Node node(
      long position, String hash, int parent, boolean missing, boolean deleted) {
    String text = position + "-" + hash;
    Revision revision =
        Revision.parse(text)
            .filter(Revision::isStorable)
            .orElseThrow(() -> new Malformed("it has the invalid revision " + text));
    return new Node(revision, text, parent, missing, deleted);
  }

  private static String text(JsonParser parser) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new Malformed("a value is not a string");
    }
    return parser.getString();
  }
}
