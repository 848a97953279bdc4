package io.divan.redb;

/**
 * The space of a database file.
 *
 * @param fileBytes the length of the file
 * @param freeBytes the size of its free pages
 */
public record SpaceStats(long fileBytes, long freeBytes) {}
