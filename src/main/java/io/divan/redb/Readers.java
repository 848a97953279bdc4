package io.divan.redb;

import java.time.Duration;

/**
 * Who reads a database, and what that costs. Pages that a commit gives up are not used again while
 * a reader sees an earlier commit.
 *
 * @param open how many read transactions are open
 * @param oldest the commit that the oldest of them sees, or that of now
 * @param age how long the oldest is open; zero where there is none
 * @param waitingPages pages, of any size, that are not used again before the oldest is closed, as
 *     of the latest commit; at the most so many where another reader was closed since
 * @param waitingBytes their bytes
 */
public record Readers(
    int open, long oldest, Duration age, long waitingPages, long waitingBytes) {}
