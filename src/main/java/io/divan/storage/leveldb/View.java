package io.divan.storage.leveldb;

import io.divan.storage.OverlayGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads of a database of one moment, or of now where nobody else writes. */
interface View extends OverlayGroup.Base {

  /** The values of many keys, in their order. */
  default List<Optional<byte[]>> getAll(List<byte[]> keys) {
    List<Optional<byte[]>> values = new ArrayList<>(keys.size());
    for (byte[] key : keys) {
      values.add(get(key));
    }
    return values;
  }
}
