package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import java.util.List;
import java.util.Optional;

/**
 * Rows of a part of a database.
 *
 * @param rows in the order of the part
 * @param next what remains; nothing at the end
 */
public record LevelDbPage(List<KeyValue> rows, Optional<LevelDbCursor> next) {}
