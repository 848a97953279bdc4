package io.divan.storage.leveldb;

import io.divan.storage.layer.OverlayGroup;

/** Reads a database: a snapshot, or the latest state while no other process writes. */
interface View extends OverlayGroup.Base {}
