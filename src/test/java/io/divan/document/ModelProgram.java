package io.divan.document;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.divan.document.revision.Attachment;
import io.divan.document.revision.Revision;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/**
 * Operations on a database, chosen at random. What they refer to is looked up when they run, so
 * that a program from which some were taken out is one too.
 */
final class ModelProgram {

  static final List<String> IDS =
      List.of("a", "b", "a\0b", "é", "_design/x", "_design/y", "zz", "A");

  /** Larger batches may be split: where does not matter as long as each document is there once. */
  private static final long WHOLE_BATCH = 900_000;

  private static final List<String> LOCAL_IDS = List.of("_local/a", "_local/b");

  sealed interface Operation {}

  /** One batch of edits. */
  record Batch(boolean replicated, List<Choice> choices) implements Operation {}

  record RevsLimit(int limit) implements Operation {}

  record Compact() implements Operation {}

  /**
   * Copies a document.
   *
   * @param revision which of its revisions, of those there ever were; -1 for the winner
   * @param base which leaf of the target it follows; -1 for none
   */
  record Copy(String from, int revision, String to, int base) implements Operation {}

  /**
   * Purges revisions of documents.
   *
   * @param bits which of those there ever were, one after the other
   */
  record Purge(List<String> ids, int bits) implements Operation {}

  /**
   * One edit.
   *
   * @param base which revision it builds upon, of those that can be chosen when it runs
   * @param edits a replicated one: how many revisions are new since then
   * @param length a replicated one: how many revisions of its path are sent
   * @param size about how many characters its body has
   * @param attachments for each of {@link #NAMES} the number of a content, or one of {@link
   *     #NONE}, {@link #STUB} and {@link #INVENTED_STUB}
   * @param stubs how it sends what its parent has
   */
  record Choice(
      String id,
      int base,
      int edits,
      int length,
      boolean deleted,
      int size,
      List<Integer> attachments,
      Stubs stubs) {}

  /** How an edit sends an attachment that its parent has, too. */
  enum Stubs {
    /** With its content, if it is replicated. */
    NEVER,
    WITH_POSITION,
    WITHOUT_POSITION,
    WRONG_POSITION
  }

  /** A stub, if the followed revision has the attachment. */
  private static final int STUB = -1;

  private static final int NONE = -2;

  /** A stub, even if the followed revision lacks the attachment. */
  private static final int INVENTED_STUB = -3;

  private static final List<String> NAMES = List.of("x", "é/ \"");

  private ModelProgram() {}

  static List<Operation> random(Random random) {
    List<Operation> operations = new ArrayList<>();
    int count = 1 + random.nextInt(25);
    for (int i = 0; i < count; i++) {
      operations.add(operation(random));
    }
    return operations;
  }

  private static Operation operation(Random random) {
    int kind = random.nextInt(100);
    if (kind < 7) {
      return new RevsLimit(random.nextBoolean() ? 1 + random.nextInt(4) : 1_000);
    }
    if (kind < 12) {
      return new Compact();
    }
    if (kind < 20) {
      List<String> ids = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        ids.add(IDS.get(random.nextInt(IDS.size())));
      }
      return new Purge(ids, random.nextBoolean() ? -1 : random.nextInt());
    }
    if (kind < 27) {
      return new Copy(
          IDS.get(random.nextInt(IDS.size())),
          random.nextBoolean() ? -1 : random.nextInt(100),
          IDS.get(random.nextInt(IDS.size())),
          random.nextInt(4) - 1);
    }
    return kind < 30 ? large(random) : small(random);
  }

  /** A batch that is one transaction. */
  static Batch small(Random random) {
    List<Choice> choices = new ArrayList<>();
    int count = 1 + random.nextInt(random.nextBoolean() ? 2 : 8);
    for (int i = 0; i < count; i++) {
      String id = IDS.get(random.nextInt(IDS.size()));
      choices.add(choice(
          random,
          random.nextInt(9) == 0 ? local(random) : id,
          10,
          ModelAttachments.SMALL_COUNT));
    }
    return new Batch(random.nextBoolean(), choices);
  }

  private static Batch large(Random random) {
    List<Choice> choices = new ArrayList<>();
    int[] sizes = {95_980, 96_000, 300_000, 1_100_000};
    boolean many = random.nextInt(8) == 0;
    for (String id : IDS) {
      if (random.nextInt(3) == 0) {
        choices.add(choice(
            random,
            id,
            random.nextBoolean() ? 20 : sizes[random.nextInt(sizes.length)],
            ModelAttachments.COUNT));
      }
    }
    for (int i = 0; many && i < 20; i++) {
      choices.add(choice(random, "big" + i, 1_000_000, ModelAttachments.COUNT));
    }
    return new Batch(random.nextBoolean(), choices);
  }

  private static String local(Random random) {
    return LOCAL_IDS.get(random.nextInt(LOCAL_IDS.size()));
  }

  private static Choice choice(Random random, String id, int size, int contents) {
    return new Choice(
        id,
        random.nextInt(24),
        random.nextInt(3),
        random.nextBoolean() ? 1_000 : 1 + random.nextInt(4),
        random.nextInt(4) == 0,
        size + random.nextInt(20),
        NAMES.stream()
            .map(
                name -> switch (random.nextInt(5)) {
                  case 0 -> random.nextInt(contents);
                  case 1, 2 -> random.nextInt(40) == 0 ? INVENTED_STUB : STUB;
                  default -> NONE;
                })
            .toList(),
        random.nextInt(20) == 0
            ? Stubs.WRONG_POSITION
            : Stubs.values()[random.nextInt(Stubs.WRONG_POSITION.ordinal())]);
  }

  /**
   * The attachments of an edit after a revision with these.
   *
   * @param stubs how to send what stays; only then stubs are invented; empty if nothing is sent
   */
  private static List<ModelAttachments.Sent> attachments(
      Choice choice, List<Attachment> before, Optional<Stubs> stubs) {
    List<ModelAttachments.Sent> sent = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      String name = NAMES.get(i);
      int content = choice.attachments().get(i);
      Optional<Attachment> known =
          before.stream().filter(one -> one.name().equals(name)).findFirst();
      if (content >= 0) {
        sent.add(new ModelAttachments.Upload(name, content));
      } else if (content == STUB && known.isPresent()) {
        sent.add(stub(known.get(), stubs.orElse(Stubs.WITHOUT_POSITION)));
      } else if (content == INVENTED_STUB && stubs.isPresent()) {
        sent.add(new ModelAttachments.Stub(name, OptionalLong.empty()));
      }
    }
    return sent;
  }

  private static ModelAttachments.Stub stub(Attachment attachment, Stubs stubs) {
    long position = attachment.revisionPosition();
    return new ModelAttachments.Stub(
        attachment.name(),
        switch (stubs) {
          case NEVER, WITHOUT_POSITION -> OptionalLong.empty();
          case WITH_POSITION -> OptionalLong.of(position);
          case WRONG_POSITION -> OptionalLong.of(position + 1);
        });
  }

  /** The same operation with less of it, or nothing where there is no less. */
  static List<Operation> smaller(Operation operation) {
    if (!(operation instanceof Batch batch) || batch.choices().size() < 2) {
      return List.of();
    }
    List<Operation> smaller = new ArrayList<>();
    for (int i = 0; i < batch.choices().size(); i++) {
      List<Choice> fewer = new ArrayList<>(batch.choices());
      fewer.remove(i);
      smaller.add(new Batch(batch.replicated(), fewer));
    }
    return smaller;
  }

  /** Which revision a copy asks for; empty for the winner. */
  static Optional<Revision> resolveSource(Copy copy, ModelDatabase model) {
    return copy.revision() < 0
        ? Optional.empty()
        : pick(model.everMade(copy.from()).stream().sorted().toList(), copy.revision());
  }

  /** Which revision of its target a copy follows. */
  static Optional<Revision> resolveTarget(Copy copy, ModelDatabase model) {
    return copy.base() < 0
        ? Optional.empty()
        : pick(
            model.document(copy.to()).map(ModelDocument::leaves).orElse(List.of()),
            copy.base());
  }

  /** What a purge asks for, of what the model holds now. */
  static Map<String, List<Revision>> resolve(Purge purge, ModelDatabase model) {
    Map<String, List<Revision>> revisions = new LinkedHashMap<>();
    for (String id : purge.ids()) {
      List<Revision> all = model.everMade(id).stream().sorted().toList();
      List<Revision> some = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        if ((purge.bits() >> i % Integer.SIZE & 1) == 1) {
          some.add(all.get(i));
        }
      }
      revisions.put(id, some);
    }
    return revisions;
  }

  /** The edits of a batch against what the model holds now. */
  static List<ModelDatabase.Edit> resolve(Batch batch, ModelDatabase model) {
    List<ModelDatabase.Edit> edits = new ArrayList<>();
    for (Choice choice : batch.choices()) {
      if (choice.id().startsWith("_local/")) {
        edits.add(local(choice));
      } else if (batch.replicated()) {
        edits.add(arrival(choice, model));
      } else {
        edits.add(edit(choice, model));
      }
    }
    return edits.stream().mapToLong(ModelProgram::bytes).sum() < WHOLE_BATCH
        ? edits
        : splittable(edits);
  }

  private static long bytes(ModelDatabase.Edit edit) {
    return edit.body().length()
        + edit.attachments().stream()
            .mapToLong(ModelAttachments.Sent::bytesInMemory)
            .sum();
  }

  /** The first edit of each document; no stubs, because a missing one ends a part of a batch. */
  private static List<ModelDatabase.Edit> splittable(List<ModelDatabase.Edit> edits) {
    Set<String> ids = new HashSet<>();
    return edits.stream().filter(edit -> !edit.hasStubs() && ids.add(edit.id())).toList();
  }

  private static String body(Choice choice) {
    return choice.size() == 10
        ? "{}"
        : "{\"v\":" + choice.size() % 3 + ",\"t\":\"" + "x".repeat(choice.size()) + "\"}";
  }

  private static ModelDatabase.Edit local(Choice choice) {
    Optional<Revision> base =
        choice.base() % 2 == 0 ? Optional.empty() : Revision.parse("0-" + choice.base());
    return new ModelDatabase.Edit(
        choice.id(), base, Optional.empty(), choice.deleted(), body(choice));
  }

  private static ModelDatabase.Edit edit(Choice choice, ModelDatabase model) {
    Optional<Revision> base = Optional.empty();
    List<Revision> leaves =
        model.document(choice.id()).map(ModelDocument::leaves).orElse(List.of());
    if (choice.base() > 20) {
      base = Revision.parse("1-invented");
    } else if (choice.base() > 17) {
      base = pick(model.everMade(choice.id()).stream().sorted().toList(), choice.base());
    } else if (choice.base() > 3) {
      base = choice.base() > 10 ? pick(leaves, 0) : pick(leaves, choice.base());
    }
    List<Attachment> before =
        base.map(model.contents::get).map(ModelDocument.Content::attachments).orElse(List.of());
    return new ModelDatabase.Edit(
        choice.id(),
        base,
        Optional.empty(),
        choice.deleted(),
        body(choice),
        attachments(choice, before, Optional.of(choice.stubs())));
  }

  private static Optional<Revision> pick(List<Revision> revisions, int index) {
    return revisions.isEmpty()
        ? Optional.empty()
        : Optional.of(revisions.get(index % revisions.size()));
  }

  /** A revision that was made elsewhere, perhaps long ago, upon any that there ever was. */
  private static ModelDatabase.Edit arrival(Choice choice, ModelDatabase model) {
    Map<Revision, List<Revision>> history =
        model.histories.computeIfAbsent(choice.id(), any -> new LinkedHashMap<>());
    List<Revision> path = List.of();
    if (choice.base() > 2 && !history.isEmpty()) {
      path = history.values().stream().toList().get(choice.base() % history.size());
    }
    int edits = path.isEmpty() ? 1 + choice.edits() : choice.edits();
    for (int i = 0; i < edits; i++) {
      String parent = path.isEmpty() ? "" : path.getFirst().toString();
      List<Attachment> before =
          path.isEmpty() ? List.of() : model.contents.get(path.getFirst()).attachments();
      byte[] id = hash(choice.id() + parent + choice.base() % 2);
      List<Revision> longer = new ArrayList<>();
      longer.add(new Revision(path.size() + 1, id));
      longer.addAll(path);
      history.putIfAbsent(longer.getFirst(), longer);
      model.contents.putIfAbsent(
          longer.getFirst(),
          new ModelDatabase.Edit(
              choice.id(),
              Optional.empty(),
              Optional.of(longer),
              choice.deleted(),
              body(choice),
              attachments(choice, before, Optional.empty()))
              .content(before));
      path = longer;
    }
    ModelDocument.Content content = model.contents.get(path.getFirst());
    return new ModelDatabase.Edit(
        choice.id(),
        Optional.empty(),
        Optional.of(path.subList(0, Math.min(path.size(), choice.length()))),
        content.deleted(),
        content.body(),
        sent(choice.stubs(), content, path, model));
  }

  private static List<ModelAttachments.Sent> sent(
      Stubs stubs, ModelDocument.Content content, List<Revision> path, ModelDatabase model) {
    List<Attachment> before =
        path.size() == 1 ? List.of() : model.contents.get(path.get(1)).attachments();
    List<ModelAttachments.Sent> sent = new ArrayList<>();
    for (Attachment one : content.attachments()) {
      sent.add(
          stubs == Stubs.NEVER || !before.contains(one)
              ? ModelAttachments.upload(one)
              : stub(one, stubs));
    }
    return sent;
  }

  /** Sixteen bytes, or a short text. */
  private static byte[] hash(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("MD5").digest(text.getBytes(UTF_8));
      // A text of one byte would recur: one revision cannot have two histories.
      String few = "t" + digest[1] + digest[2] + digest[3];
      return digest[0] % 3 == 0 ? few.getBytes(UTF_8) : Arrays.copyOf(digest, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
