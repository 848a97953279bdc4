package io.divan.api.http;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** Generates ids for documents without one, with CouchDB's algorithms. Thread-safe. */
@Component
public final class Uuids {

  /** How an id is made. */
  public enum Algorithm {
    /**
     * 26 random hexadecimal digits, then 6 that grow by random increments. When these overflow, new
     * random digits are chosen. Consecutive ids are neighbours in the store.
     */
    SEQUENTIAL,
    /** 32 random hexadecimal digits. */
    RANDOM,
    /** The time in microseconds as 14 hexadecimal digits, then 18 random ones. */
    UTC_RANDOM,
    /** The time in microseconds as 14 hexadecimal digits, then a configured suffix. */
    UTC_ID,
    /** A UUID of version 7: the time in milliseconds, then random digits. */
    UUID_V7
  }

  private static final int STEP_MAX = 0xFFE;
  private static final int SUFFIX_MAX = 0xFFFFFF - STEP_MAX - 1;
  private static final int MICROS_DIGITS = 14;
  private static final int ID_SUFFIX_MAX = 256;
  private static final long COUNT_MAX = 100_000;
  private static final HexFormat HEX = HexFormat.of();

  private static final ValueType<String> ID_SUFFIX =
      new ValueType<>(
          text -> {
            if (text.length() > ID_SUFFIX_MAX) {
              throw new ValueType.InvalidValue(
                  "must have at most " + ID_SUFFIX_MAX + " characters");
            }
            return text;
          },
          text -> text);

  private final Clock clock;
  private final Setting<Algorithm> algorithm;
  private final Setting<String> idSuffix;
  private final Setting<Long> countMax;
  private final SecureRandom random = new SecureRandom();
  private String prefix = "";
  private int suffix = SUFFIX_MAX + 1;
  private long lastMicros;

  @Autowired
  Uuids(RuntimeConfiguration configuration, UuidProperties properties) {
    this(configuration, properties, Clock.systemUTC());
  }

  Uuids(RuntimeConfiguration configuration, UuidProperties properties, Clock clock) {
    this.clock = clock;
    algorithm =
        configuration.declare(
            "uuids",
            "algorithm",
            "divan.uuids.algorithm",
            ValueType.oneOf(Algorithm.class),
            properties.algorithm(),
            Trait.CHANGEABLE);
    idSuffix =
        configuration.declare(
            "uuids",
            "utc_id_suffix",
            "divan.uuids.utc-id-suffix",
            ID_SUFFIX,
            properties.utcIdSuffix(),
            Trait.CHANGEABLE);
    countMax =
        configuration.declare(
            "uuids",
            "max_count",
            "divan.uuids.max-count",
            ValueType.integer(0, COUNT_MAX),
            properties.maxCount(),
            Trait.CHANGEABLE);
  }

  /** The maximum number of ids of one request. */
  public long countMax() {
    return countMax.get();
  }

  /** Returns a new id. */
  public String next() {
    return switch (algorithm.get()) {
      case SEQUENTIAL -> sequential();
      case RANDOM -> digits(16);
      case UTC_RANDOM -> micros() + digits(9);
      case UTC_ID -> micros() + idSuffix.get();
      case UUID_V7 -> version7();
    };
  }

  private synchronized String sequential() {
    if (suffix > SUFFIX_MAX) {
      prefix = digits(13);
      suffix = 0;
    }
    suffix += 1 + random.nextInt(STEP_MAX);
    return prefix + HEX.toHexDigits(suffix, 6);
  }

  /** The time, or one more than that of the last id if the clock has not advanced. */
  private synchronized String micros() {
    Instant now = clock.instant();
    long micros =
        TimeUnit.SECONDS.toMicros(now.getEpochSecond())
            + TimeUnit.NANOSECONDS.toMicros(now.getNano());
    lastMicros = Math.max(micros, lastMicros + 1);
    return HEX.toHexDigits(lastMicros, MICROS_DIGITS);
  }

  /** RFC 9562: 48 bits of time, the version, 12 random bits, the variant, 62 random bits. */
  private String version7() {
    byte[] bytes = new byte[10];
    random.nextBytes(bytes);
    bytes[0] = (byte) (0x70 | bytes[0] & 0x0F);
    bytes[2] = (byte) (0x80 | bytes[2] & 0x3F);
    return HEX.toHexDigits(clock.millis(), 12) + HEX.formatHex(bytes);
  }

  private String digits(int byteCount) {
    byte[] bytes = new byte[byteCount];
    random.nextBytes(bytes);
    return HEX.formatHex(bytes);
  }
}
