package io.divan.redb;

import java.time.Duration;

/**
 * The open read transactions of a database and the space they hold. The pages that a commit gives
 * up are not reused while a reader sees an earlier commit.
 *
 * @param open the number of open read transactions
 * @param oldest the commit that the oldest of them sees, or the latest commit if there is none
 * @param age how long the oldest of them has been open; zero if there is none
 * @param waitingPages the pages, of any size, that cannot be reused before the oldest reader is
 *     closed, as of the latest commit; an upper bound if another reader was closed since
 * @param waitingBytes the size of those pages in bytes
 */
public record ReaderStats(
    int open, long oldest, Duration age, long waitingPages, long waitingBytes) {}
