package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import java.util.List;
import java.util.Optional;

/**
 * A page of rows.
 *
 * @param rows the rows, in the order of the cursor
 * @param next the cursor for the remaining rows; empty at the end
 */
public record LevelDbPage(List<KeyValue> rows, Optional<LevelDbCursor> next) {}
