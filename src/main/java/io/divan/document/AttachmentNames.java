package io.divan.document;

/** The rules of attachments' names. */
public final class AttachmentNames {

  /** The references of more attachments than this exceed the limit of a document in any case. */
  public static final int COUNT_MAX = 1_700;

  private AttachmentNames() {}

  /**
   * Returns a legal name of an attachment.
   *
   * @throws DocumentException.BadRequest when it begins with an underscore
   */
  public static String check(String name) {
    if (name.startsWith("_")) {
      throw new DocumentException.BadRequest(
          "Attachment name '" + name + "' starts with prohibited character '_'");
    }
    return name;
  }
}
