package io.divan.record.relational;

import java.util.Optional;

/**
 * A column that no longer may be null, in a table whose older rows have yet to be checked. No
 * transaction can set it to null. {@link RelationalDatabase#maintain} checks the rows, and removes
 * this if none is null.
 *
 * @param table the name of the table
 * @param column the name of the column
 * @param problem a row in which the column is null, in words, if one was found; the check then
 *     waits for {@link RelationalDatabase#recheck}
 */
public record NullCheck(String table, String column, Optional<String> problem) {}
