package io.divan.redb;

/**
 * Statistics of a database file.
 *
 * @param fileBytes the length of the file
 * @param allocatedPages the number of allocated 4096-byte pages
 * @param freePages the number of free 4096-byte pages
 * @param pendingPages the number of allocated pages that wait for readers or for the next commit
 * @param leafPages the number of leaf pages, of any size
 * @param branchPages the number of branch pages, of any size
 * @param depth the largest number of pages from a table's root to a pair
 * @param storedBytes the size of keys and values
 * @param fragmentedBytes the unused space within pages
 * @param oldestReader the commit that the oldest open reader sees, or the latest commit
 */
public record DatabaseStats(
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
