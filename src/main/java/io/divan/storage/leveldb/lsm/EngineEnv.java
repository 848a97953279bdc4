package io.divan.storage.leveldb.lsm;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import org.iq80.leveldb.Logger;
import org.iq80.leveldb.env.Env;
import org.iq80.leveldb.env.File;
import org.iq80.leveldb.env.NoOpLogger;
import org.iq80.leveldb.env.WritableFile;
import org.iq80.leveldb.util.Slice;

/** LevelDB's file system: what is the same wherever the files lie. */
abstract class EngineEnv implements Env {

  @Override
  public final void writeStringToFileSync(File file, String content) throws IOException {
    try (WritableFile writer = newWritableFile(file)) {
      writer.append(new Slice(content.getBytes(UTF_8)));
      writer.force();
    }
  }

  @Override
  public final Logger newLogger(File loggerFile) {
    return new NoOpLogger();
  }
}
