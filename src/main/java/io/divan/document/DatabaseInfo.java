package io.divan.document;

import io.divan.document.revision.Sequence;

/**
 * Facts about a database, all from one snapshot but the size of its files.
 *
 * @param name its name
 * @param uuid a random id of this incarnation
 * @param createdSeconds when it was created, in seconds since 1970
 * @param docCount documents that are not deleted, design documents included
 * @param docDelCount documents that are
 * @param designCount design documents that are not deleted
 * @param localCount local documents
 * @param updateSequence the latest update, or {@link Sequence#ZERO}
 * @param sizeFile bytes the storage engine uses
 * @param sizeActive bytes of the leaves' bodies as stored
 * @param sizeExternal bytes of the leaves' bodies as JSON
 * @param purgeSequence the latest purge, or {@link Sequence#ZERO}
 */
public record DatabaseInfo(
    String name,
    String uuid,
    long createdSeconds,
    long docCount,
    long docDelCount,
    long designCount,
    long localCount,
    Sequence updateSequence,
    long sizeFile,
    long sizeActive,
    long sizeExternal,
    Sequence purgeSequence) {}
