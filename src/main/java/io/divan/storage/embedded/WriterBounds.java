package io.divan.storage.embedded;

import java.time.Duration;

/**
 * The bounds of a {@link SingleWriter}.
 *
 * @param waitingMax the most transactions that wait; the writer refuses more at once
 * @param waitMax the longest time that a transaction waits to begin
 * @param groupMembersMax the most members of a group
 * @param groupBytesMax a group that has written this many bytes takes no more members
 * @param groupTimeMax a group that has run this long takes no more members
 * @param unsyncedBytesMax once unsynced groups have written this many bytes, the next group is
 *     durable
 * @param unsyncedGroupsMax the most unsynced groups between two durable ones
 */
record WriterBounds(
    int waitingMax,
    Duration waitMax,
    int groupMembersMax,
    long groupBytesMax,
    Duration groupTimeMax,
    long unsyncedBytesMax,
    int unsyncedGroupsMax) {
  /** Bounds that suit most engines. */
  public static final WriterBounds DEFAULT =
      new WriterBounds(
          1_024, Duration.ofSeconds(30), 128, 16_000_000, Duration.ofMillis(50), 64_000_000, 256);

  WriterBounds(
      int waitingMax,
      Duration waitMax,
      int groupMembersMax,
      long groupBytesMax,
      Duration groupTimeMax) {
    this(
        waitingMax,
        waitMax,
        groupMembersMax,
        groupBytesMax,
        groupTimeMax,
        DEFAULT.unsyncedBytesMax,
        DEFAULT.unsyncedGroupsMax);
  }
}
