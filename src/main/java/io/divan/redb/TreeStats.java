package io.divan.redb;

/**
 * How a tree fills its pages.
 *
 * @param leafPages pages that hold pairs, of any size
 * @param branchPages pages that hold ways to others
 * @param depth pages from the root to a pair, both included; 0 when the tree is empty
 * @param storedBytes bytes of keys and values
 * @param metadataBytes bytes of what is beside them within leaves, and of branches
 * @param fragmentedBytes bytes within its pages that hold nothing
 */
record TreeStats(
    long leafPages,
    long branchPages,
    int depth,
    long storedBytes,
    long metadataBytes,
    long fragmentedBytes) {}
