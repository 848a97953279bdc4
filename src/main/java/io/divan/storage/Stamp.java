package io.divan.storage;

/**
 * A place for a versionstamp that the commit fills in, allocated by
 * {@link WriteTransaction#stamp()}. Meaningful in its own transaction only; after the commit
 * {@link Written#at(Stamp)} tells the versionstamp it became.
 *
 * @param position the position within the transaction
 */
public record Stamp(int position) {}
