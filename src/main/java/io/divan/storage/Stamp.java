package io.divan.storage;

/**
 * A placeholder for a versionstamp, which the commit fills in. {@link WriteTransaction#stamp()}
 * allocates it for use in that transaction only. After the commit, {@link Written#at(Stamp)}
 * returns the versionstamp.
 *
 * @param position the position within the transaction
 */
public record Stamp(int position) {}
