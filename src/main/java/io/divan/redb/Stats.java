package io.divan.redb;

/**
 * How a database fills its file.
 *
 * @param fileBytes the file's length
 * @param allocatedPages pages of 4096 bytes in use
 * @param freePages those that are free
 * @param pendingPages those in use that wait for readers or for the next commit
 * @param leafPages pages that hold pairs, of any size
 * @param branchPages pages that hold ways to others
 * @param depth the most pages from a table's root to a pair
 * @param storedBytes bytes of keys and values
 * @param fragmentedBytes bytes within pages that hold nothing
 * @param oldestReader the commit that the oldest open reader sees, or that of now
 */
public record Stats(
    long fileBytes,
    long allocatedPages,
    long freePages,
    long pendingPages,
    long leafPages,
    long branchPages,
    int depth,
    long storedBytes,
    long fragmentedBytes,
    long oldestReader) {}
