package io.divan.record.index;

/** The state of an index. Its code is stored, and never changes. */
public enum IndexState {
  /** Writers maintain the index. It may lack rows, and queries do not use it. */
  BUILDING(0),
  /** Writers maintain the index. It is complete, and queries may use it. */
  READABLE(1),
  /** The index could not be built. Nothing maintains or uses it. */
  DISABLED(2),
  /** The index is being removed. Nothing maintains or uses it. */
  DROPPING(3);

  private final int code;

  IndexState(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static IndexState of(long code) {
    for (IndexState state : values()) {
      if (state.code == code) {
        return state;
      }
    }
    throw new IllegalArgumentException("Not the code of an index's state: " + code);
  }
}
