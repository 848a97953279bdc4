package io.divan.redb;

/**
 * Statistics of a tree.
 *
 * @param leafPages the number of leaf pages, of any size
 * @param branchPages the number of branch pages, of any size
 * @param depth the number of pages from the root to a pair, both included; 0 if the tree is empty
 * @param storedBytes the size of keys and values
 * @param metadataBytes the size of the metadata in leaves and of the content of branches
 * @param fragmentedBytes the unused space within its pages
 */
record TreeStats(
    long leafPages,
    long branchPages,
    int depth,
    long storedBytes,
    long metadataBytes,
    long fragmentedBytes) {}
