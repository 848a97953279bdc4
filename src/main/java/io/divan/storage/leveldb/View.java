package io.divan.storage.leveldb;

import io.divan.storage.layer.OverlayGroup;

/** Reads of a database of one moment, or of now where nobody else writes. */
interface View extends OverlayGroup.Base {}
