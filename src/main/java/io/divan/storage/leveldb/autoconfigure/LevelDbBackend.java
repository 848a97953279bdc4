package io.divan.storage.leveldb.autoconfigure;

import io.divan.storage.Capability;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.layer.BaseBackends;
import io.divan.storage.leveldb.ApiEngine;
import io.divan.storage.leveldb.LevelDbAdapter;
import io.divan.storage.leveldb.LevelDbEngine;
import io.divan.storage.leveldb.lsm.LsmEngine;
import io.divan.storage.leveldb.lsm.LsmLevelDb;
import java.util.List;
import java.util.Optional;

/** The backend {@code leveldb}: LevelDB's interface over a base, or its engine with its files. */
record LevelDbBackend(LevelDbProperties properties) implements StorageBackend {
  private static final String LAYER = "leveldb";
  private static final String FILE = "file";

  /** The base of plain directories: it knows which databases there are. */
  private static final String DEFAULT_BASE = "redb";

  private static final BaseBackends API_BASES =
      new BaseBackends(
          LAYER,
          "api",
          LAYER,
          List.of(Capability.Snapshots.class, Capability.RangeSizes.class));

  private static final BaseBackends LSM_BASES =
      new BaseBackends(LAYER, "lsm", LAYER, List.of());

  @Override
  public String name() {
    return "leveldb";
  }

  @Override
  public boolean isBase() {
    return false;
  }

  @Override
  public boolean isShared(Context context) {
    return LSM_BASES.isShared(context, properties.over(), FILE);
  }

  @Override
  public StorageAdapter open(Context context) {
    return switch (properties.engine()) {
      case "api" -> api(context);
      case "lsm" -> lsm(context);
      default ->
          throw new InvalidSettings(
              "divan.storage.leveldb.engine is \"" + properties.engine() + "\", which is unknown.",
              "Set divan.storage.leveldb.engine to api or lsm.");
    };
  }

  private StorageAdapter api(Context context) {
    StorageBackend base = API_BASES.find(context, properties.over()).orElseThrow();
    LevelDbEngine engine =
        base.isShared(context)
            ? ApiEngine.shared(BaseBackends.leases(base, context), context.ownerWait())
            : ApiEngine.exclusive();
    return adapter(API_BASES.open(base, context), engine, context);
  }

  private StorageAdapter lsm(Context context) {
    Optional<StorageBackend> found = LSM_BASES.find(context, properties.over(), FILE);
    StorageBackend base =
        found.or(() -> LSM_BASES.find(context, DEFAULT_BASE)).orElseThrow();
    LevelDbEngine engine =
        found.isEmpty()
            ? LsmEngine.inDirectories(context.directory().resolve(LAYER).resolve("lsm"))
            : LsmEngine.inStores(
                BaseBackends.leases(base, context),
                LsmLevelDb.Settings.defaults().lockWait(context.ownerWait()));
    return adapter(LSM_BASES.open(base, context), engine, context);
  }

  private static StorageAdapter adapter(
      StorageAdapter base, LevelDbEngine engine, Context context) {
    return new LevelDbAdapter(
        base, engine, LevelDbAdapter.Options.defaults(), context.listener());
  }
}
