/**
 * Queries of records: the planner, which chooses among the indexes, and the cursors that read a
 * page. They read through {@link io.divan.record.query.RecordRows}, so they depend on neither the
 * chunks of records nor their versions. docs/records.md has the rules of the planner.
 */
@NullMarked
package io.divan.record.query;

import org.jspecify.annotations.NullMarked;
