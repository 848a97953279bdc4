package io.divan.storage;

/**
 * The contract of a storage adapter. To run it, write a subclass that returns the adapter. Each
 * part of the contract is an interface, and each guarantee is a test in it.
 */
public abstract class StorageContractTest extends ContractRunner
    implements ReadWriteContract,
    ScanContract,
    BatchContract,
    IsolationContract,
    SerializabilityContract,
    OneHistoryContract,
    UnsyncedContract,
    StampContract,
    WatchContract,
    DatabaseContract,
    LifecycleContract {}
