package io.divan.storage;

/**
 * The contract of a storage adapter: a subclass that gives one runs it. Each part is an interface,
 * each point of the contract a test in it.
 */
public abstract class StorageContractTest extends ContractRunner
    implements ReadWriteContract,
    ScanContract,
    BatchContract,
    IsolationContract,
    SerializabilityContract,
    OneHistoryContract,
    StampContract,
    WatchContract,
    DatabaseContract,
    LifecycleContract {}
