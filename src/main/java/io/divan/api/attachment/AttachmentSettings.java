package io.divan.api.attachment;

import io.divan.api.http.RequestLimits;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import io.divan.document.Database;
import io.divan.document.attachment.Compression;
import io.divan.document.attachment.ContentReceiver;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * The settings of stored attachments, which an administrator can change while the service runs.
 * Safe for use by many threads.
 */
@Component
@EnableConfigurationProperties(AttachmentProperties.class)
public final class AttachmentSettings {
  private static final String SECTION = "attachments";

  /** Types with which every expression compiles; the text is kept as it was set. */
  private static final ValueType<String> TYPES =
      new ValueType<>(AttachmentSettings::checkTypes, text -> text);

  /** CouchDB accepts any text as a level. */
  private static final ValueType<Integer> LEVEL =
      new ValueType<>(Compression::level, level -> Integer.toString(level));

  private final Setting<String> types;
  private final Setting<Integer> level;
  private final RequestLimits limits;
  private volatile Compiled compiled;

  AttachmentSettings(
      RuntimeConfiguration configuration,
      AttachmentProperties properties,
      RequestLimits limits) {
    this.limits = limits;
    types =
        configuration.declare(
            SECTION,
            "compressible_types",
            "divan.attachments.compressible-types",
            TYPES,
            properties.compressibleTypes(),
            Trait.CHANGEABLE);
    level =
        configuration.declare(
            SECTION,
            "compression_level",
            "divan.attachments.compression-level",
            LEVEL,
            properties.compressionLevel(),
            Trait.CHANGEABLE);
    compiled = Compiled.of(types.get(), level.get());
  }

  /** A compression with the settings it was compiled from. */
  private record Compiled(String types, int level, Compression compression) {

    static Compiled of(String types, int level) {
      return new Compiled(types, level, Compression.of(types, level));
    }
  }

  private static String checkTypes(String types) {
    try {
      Compression.of(types, Compression.DEFAULT_LEVEL);
      return types;
    } catch (IllegalArgumentException e) {
      throw new ValueType.InvalidValue("is invalid: " + e.getMessage());
    }
  }

  /** The rule that decides which attachments are stored gzipped. */
  public Compression compression() {
    Compiled known = compiled;
    String nowTypes = types.get();
    int nowLevel = level.get();
    if (known.level() != nowLevel || !known.types().equals(nowTypes)) {
      known = Compiled.of(nowTypes, nowLevel);
      compiled = known;
    }
    return known.compression();
  }

  /**
   * Begins to receive the attachments of a request. The caller closes the receiver after the edits
   * have been applied.
   */
  public ContentReceiver receiver(Database database) {
    return ContentReceiver.into(
        database.contents(), compression(), limits.documents().attachmentBytes()::get);
  }
}
