package io.divan.record;

/** A store of records. */
public final class RecordStore {
  private RecordStore() {}
}
