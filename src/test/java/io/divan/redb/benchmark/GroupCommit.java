package io.divan.redb.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Commits what many threads put together: one thread takes all that waits, puts it, commits once,
 * and answers all. Closing it ends that thread; nobody puts any more then.
 */
final class GroupCommit implements AutoCloseable {
  private static final int WAITING_MAX = 1024;

  private record Request(byte[] key, byte[] value, CompletableFuture<Boolean> done) {}

  private static final Request END =
      new Request(new byte[0], new byte[0], new CompletableFuture<>());

  private final BlockingQueue<Request> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
  private final Engine.Store store;
  private final ExecutorService leader = Executors.newSingleThreadExecutor();
  private long groups;

  GroupCommit(Engine.Store store) {
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

  /** How many commits there were; to be asked when it is closed. */
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
      } catch (Throwable e) { // an error too: nobody shall wait for ever
        group.forEach(request -> request.done.completeExceptionally(e));
      }
    }
  }
}
