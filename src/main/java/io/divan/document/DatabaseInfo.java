package io.divan.document;

import io.divan.document.revision.Sequence;

/**
 * Facts about a database. All but the size of its files come from one snapshot.
 *
 * @param name its name
 * @param uuid a random id of this incarnation
 * @param createdSeconds when it was created, in seconds since 1970
 * @param docCount number of live documents, design documents included
 * @param docDelCount number of deleted documents
 * @param designCount number of live design documents
 * @param localCount number of local documents
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
