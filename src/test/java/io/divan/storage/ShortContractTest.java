package io.divan.storage;

/**
 * The parts of the contract in which a layer depends on its base. It runs over those bases for
 * which the whole contract does not run.
 */
public abstract class ShortContractTest extends ContractRunner
    implements ReadWriteContract, OneHistoryContract, DatabaseContract, LifecycleContract {
  @Override
  public int adapterKeyBytesMax() {
    return LAYER_KEY_BYTES_MAX;
  }
}
