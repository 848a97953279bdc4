package io.divan.redb;

/**
 * A description of an existing table.
 *
 * @param name the name of the table
 * @param keyType redb's name of the key type
 * @param valueType redb's name of the value type
 * @param length the number of pairs
 */
public record TableInfo(String name, String keyType, String valueType, long length) {}
