package io.divan.storage;

/**
 * The parts of the contract that a layer owes to its base, for those bases that it does not run the
 * whole contract over.
 */
public abstract class ShortContractTest extends ContractRunner
    implements ReadWriteContract, OneHistoryContract, DatabaseContract, LifecycleContract {
  @Override
  public int adapterKeyBytesMax() {
    return LAYER_KEY_BYTES_MAX;
  }
}
