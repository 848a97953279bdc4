package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.DatabaseOptions;
import com.apple.foundationdb.EventKeeper;
import com.apple.foundationdb.KeyRangeArrayResult;
import com.apple.foundationdb.ReadTransaction;
import com.apple.foundationdb.Tenant;
import com.apple.foundationdb.Transaction;
import com.apple.foundationdb.async.AsyncUtil;
import com.apple.foundationdb.tuple.Tuple;
import io.divan.storage.fdb.simulation.TransactionSettings.Option;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One client's handle on the cluster (FDBDatabase.java): its options, its watches and the retry
 * loop. Thread-safe.
 */
final class SimulatedDatabase implements Database {

  private static final int MAX_WATCHES = 20;
  private static final int SNAPSHOT_RYW_ENABLE = 26;
  private static final int SNAPSHOT_RYW_DISABLE = 27;
  private static final int USED_DURING_COMMIT_PROTECTION_DISABLE = 701;

  /** Database options that set an option on each transaction, by code. */
  private static final Map<Integer, Integer> DEFAULTS =
      Map.of(
          500, TransactionSettings.TIMEOUT,
          501, TransactionSettings.RETRY_LIMIT,
          502, TransactionSettings.MAX_RETRY_DELAY,
          503, TransactionSettings.SIZE_LIMIT,
          700, TransactionSettings.BYPASS_UNREADABLE,
          USED_DURING_COMMIT_PROTECTION_DISABLE, USED_DURING_COMMIT_PROTECTION_DISABLE);

  private final Cluster cluster;
  private final Executor executor;
  private final DatabaseOptions options;
  private volatile List<Option> defaults = List.of();
  private final Set<PendingWatch> watches = ConcurrentHashMap.newKeySet();
  private volatile int snapshotReadsWrites = 1;
  private volatile long watchesMax = ClusterLimits.WATCHES_MAX;
  private volatile boolean closed;

  SimulatedDatabase(Cluster cluster, Executor executor) {
    this.cluster = cluster;
    this.executor = executor;
    this.options = new DatabaseOptions(this::setOption);
  }

  Cluster cluster() {
    return cluster;
  }

  List<Option> defaults() {
    return defaults;
  }

  int snapshotReadsWrites() {
    return snapshotReadsWrites;
  }

  private synchronized void setOption(int code, byte @Nullable [] parameter) {
    checkOpen();
    Option option = new Option(code, parameter);
    switch (code) {
      case MAX_WATCHES ->
          watchesMax = TransactionSettings.number(option, 0, ClusterLimits.WATCHES_CEILING);
      case SNAPSHOT_RYW_ENABLE -> snapshotReadsWrites++;
      case SNAPSHOT_RYW_DISABLE -> snapshotReadsWrites--;
      default -> {
        Integer inTransaction = DEFAULTS.get(code);
        if (inTransaction != null) {
          List<Option> more = new ArrayList<>(defaults);
          more.add(new Option(inTransaction, parameter));
          defaults = List.copyOf(more);
        }
      }
    }
  }

  PendingWatch newWatch(byte[] key, byte @Nullable [] value, Executor callbacks) {
    if (watches.size() >= watchesMax) {
      throw Errors.of(Errors.TOO_MANY_WATCHES);
    }
    PendingWatch watch = new PendingWatch(key, value, cluster.timing().future(), callbacks);
    watches.add(watch);
    watch.future().whenComplete(
        (done, error) -> {
          watches.remove(watch);
          cluster.remove(watch);
        });
    if (closed) {
      watch.fail(Errors.OPERATION_CANCELLED);
    }
    return watch;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("Cannot access closed object");
    }
  }

  @Override
  public void close() {
    closed = true;
    watches.forEach(watch -> watch.fail(Errors.OPERATION_CANCELLED));
  }

  @Override
  public Transaction createTransaction(Executor e) {
    checkOpen();
    return new SimulatedTransaction(this, e, new ClientTransaction(this));
  }

  @Override
  public Transaction createTransaction(Executor e, EventKeeper eventKeeper) {
    return createTransaction(e);
  }

  @Override
  public DatabaseOptions options() {
    return options;
  }

  @Override
  public Executor getExecutor() {
    return executor;
  }

  @Override
  public <T> T run(Function<? super Transaction, T> retryable, Executor e) {
    Transaction transaction = createTransaction(e);
    try {
      while (true) {
        try {
          T result = retryable.apply(transaction);
          transaction.commit().join();
          return result;
        } catch (RuntimeException error) {
          transaction = transaction.onError(error).join();
        }
      }
    } finally {
      transaction.close();
    }
  }

  @Override
  public <T> T read(Function<? super ReadTransaction, T> retryable, Executor e) {
    return run(retryable, e);
  }

  @Override
  public <T> CompletableFuture<T> runAsync(
      Function<? super Transaction, ? extends CompletableFuture<T>> retryable, Executor e) {
    AtomicReference<Transaction> current = new AtomicReference<>(createTransaction(e));
    AtomicReference<@Nullable T> result = new AtomicReference<>();
    return AsyncUtil.whileTrue(() -> attempt(retryable, current, result, e), e)
        .thenApply(done -> result.get())
        .whenComplete((value, error) -> current.get().close());
  }

  /** Runs one attempt. Returns whether another one is needed. */
  private static <T> CompletableFuture<Boolean> attempt(
      Function<? super Transaction, ? extends CompletableFuture<T>> retryable,
      AtomicReference<Transaction> current,
      AtomicReference<@Nullable T> result,
      Executor e) {
    CompletableFuture<T> work = AsyncUtil.applySafely(retryable, current.get());
    CompletableFuture<Boolean> committed =
        work.thenComposeAsync(
            value -> current.get().commit().thenApply(
                done -> {
                  result.set(value);
                  return false;
                }),
            e);
    return AsyncUtil.composeHandleAsync(
        committed,
        (value, error) -> {
          if (error == null) {
            return CompletableFuture.completedFuture(value);
          }
          if (!(error instanceof RuntimeException)) {
            throw new CompletionException(error);
          }
          return current.get().onError(error).thenApply(
              next -> {
                current.set(next);
                return true;
              });
        },
        e);
  }

  @Override
  public <T> CompletableFuture<T> readAsync(
      Function<? super ReadTransaction, ? extends CompletableFuture<T>> retryable, Executor e) {
    return runAsync(retryable, e);
  }

  @Override
  public double getMainThreadBusyness() {
    return 0;
  }

  @Override
  public CompletableFuture<byte[]> getClientStatus(Executor e) {
    CompletableFuture<byte[]> status = cluster.timing().future();
    status.complete("{\"Healthy\":true,\"Simulated\":true}".getBytes(StandardCharsets.UTF_8));
    return status;
  }

  // What is not simulated

  private static UnsupportedOperationException noTenants() {
    return new UnsupportedOperationException("Tenants are not simulated.");
  }

  private static UnsupportedOperationException noGranules() {
    return new UnsupportedOperationException("Blob granules are not simulated.");
  }

  @Override
  public Tenant openTenant(Tuple tenantName) {
    throw noTenants();
  }

  @Override
  public Tenant openTenant(byte[] tenantName, Executor e) {
    throw noTenants();
  }

  @Override
  public Tenant openTenant(Tuple tenantName, Executor e) {
    throw noTenants();
  }

  @Override
  public Tenant openTenant(byte[] tenantName, Executor e, EventKeeper eventKeeper) {
    throw noTenants();
  }

  @Override
  public Tenant openTenant(Tuple tenantName, Executor e, EventKeeper eventKeeper) {
    throw noTenants();
  }

  @Override
  public CompletableFuture<byte[]> purgeBlobGranules(
      byte[] beginKey, byte[] endKey, long purgeVersion, boolean force, Executor e) {
    throw noGranules();
  }

  @Override
  public CompletableFuture<Void> waitPurgeGranulesComplete(byte[] purgeKey, Executor e) {
    throw noGranules();
  }

  @Override
  public CompletableFuture<Boolean> blobbifyRange(byte[] beginKey, byte[] endKey, Executor e) {
    throw noGranules();
  }

  @Override
  public CompletableFuture<Boolean> blobbifyRangeBlocking(
      byte[] beginKey, byte[] endKey, Executor e) {
    throw noGranules();
  }

  @Override
  public CompletableFuture<Boolean> unblobbifyRange(byte[] beginKey, byte[] endKey, Executor e) {
    throw noGranules();
  }

  @Override
  public CompletableFuture<KeyRangeArrayResult> listBlobbifiedRanges(
      byte[] beginKey, byte[] endKey, int rangeLimit, Executor e) {
    throw noGranules();
  }

  @Override
  public CompletableFuture<Long> verifyBlobRange(
      byte[] beginKey, byte[] endKey, long version, Executor e) {
    throw noGranules();
  }

  @Override
  public CompletableFuture<Boolean> flushBlobRange(
      byte[] beginKey, byte[] endKey, boolean compact, long version, Executor e) {
    throw noGranules();
  }
}
