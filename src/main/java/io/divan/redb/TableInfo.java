package io.divan.redb;

/**
 * A table that is there.
 *
 * @param name its name
 * @param keyType redb's name of its keys' type
 * @param valueType redb's name of its values' type
 * @param length how many pairs it holds
 */
public record TableInfo(String name, String keyType, String valueType, long length) {}
