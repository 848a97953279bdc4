package io.divan.redb.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Groups the puts of many threads into commits: a single thread takes all waiting puts, commits
 * once and completes them. Closing ends that thread; no puts may follow.
 */
final class GroupCommit implements AutoCloseable {
  private static final int WAITING_MAX = 1024;

  private record Request(byte[] key, byte[] value, CompletableFuture<Boolean> done) {}

  private static final Request END =
      new Request(new byte[0], new byte[0], new CompletableFuture<>());

  private final BlockingQueue<Request> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
  private final Candidate.Store store;
  private final ExecutorService leader = Executors.newSingleThreadExecutor();
  private long groups;

  GroupCommit(Candidate.Store store) {
    this.store = store;
    leader.execute(this::lead);
  }

  /** Returns when the pair is durable. */
  void put(byte[] key, byte[] value) throws Exception {
    Request request = new Request(key, value, new CompletableFuture<>());
    waiting.put(request);
    request.done.get();
  }

  @Override
  public void close() {
    waiting.add(END);
    leader.close();
  }

  /** Returns the number of commits; call after closing. */
  long groups() {
    return groups;
  }

  private void lead() {
    List<Request> group = new ArrayList<>();
    boolean ended = false;
    while (!ended) {
      group.clear();
      try {
        group.add(waiting.take());
        waiting.drainTo(group);
        ended = group.remove(END);
        for (Request request : group) {
          store.put(request.key, request.value);
        }
        if (!group.isEmpty()) {
          store.commit();
          groups++;
        }
        group.forEach(request -> request.done.complete(true));
      } catch (Throwable e) { // also errors: otherwise callers would wait forever
        group.forEach(request -> request.done.completeExceptionally(e));
      }
    }
  }
}
