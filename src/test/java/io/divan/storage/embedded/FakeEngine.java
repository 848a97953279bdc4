package io.divan.storage.embedded;

import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/** An engine for {@link SingleWriter}'s tests: keeps keys in a list and fails as it is told. */
final class FakeEngine implements WriterEngine {
  static final Table TABLE = new Table(1, "rows");

  /** What happened: begin, commit (with the keys), abort, failed. */
  final List<String> events = new CopyOnWriteArrayList<>();

  /** Keys that are durable. */
  final List<String> durable = new CopyOnWriteArrayList<>();

  /** What the next begins and commits throw; an empty one lets it pass. */
  final Queue<Optional<RuntimeException>> beginFailures = new ConcurrentLinkedQueue<>();

  final Queue<Optional<RuntimeException>> commitFailures = new ConcurrentLinkedQueue<>();

  /** What the next calls of {@link #failed} throw. */
  final Queue<Throwable> failedFailures = new ConcurrentLinkedQueue<>();

  /** Runs after each commit. */
  volatile Runnable afterCommit = () -> {};

  /** Commits take a permit each. */
  final Semaphore commits = new Semaphore(1_000_000);

  private long version;

  /** Thrown by a put, after which the engine has undone everything. */
  static final class Undone extends RuntimeException {}

  static byte[] key(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public WriterEngine.Group begin() {
    throwNext(beginFailures);
    events.add("begin");
    return new FakeGroup();
  }

  @Override
  public WriterEngine.Group beginUnsynced() {
    throwNext(beginFailures);
    events.add("begin unsynced");
    return new FakeGroup();
  }

  @Override
  public void closeAfterFailure() {
    events.add("failed");
    switch (failedFailures.poll()) {
      case null -> {
        return;
      }
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      case Throwable e -> throw new IllegalArgumentException(e);
    }
  }

  private static void throwNext(Queue<Optional<RuntimeException>> failures) {
    Optional<RuntimeException> failure = failures.poll();
    if (failure != null && failure.isPresent()) {
      throw failure.get();
    }
  }

  private final class FakeGroup implements WriterEngine.Group {
    private final List<String> kept = new ArrayList<>();

    @Override
    public WriterEngine.Member begin() {
      return new FakeMember(this);
    }

    @Override
    public void commit() {
      commits.acquireUninterruptibly();
      throwNext(commitFailures);
      events.add("commit " + String.join(",", kept));
      durable.addAll(kept);
      afterCommit.run();
    }

    @Override
    public void abort() {
      events.add("abort");
    }
  }

  private final class FakeMember implements WriterEngine.Member {
    private final FakeGroup group;
    private final ArrayDeque<String> written = new ArrayDeque<>();
    private long bytes;
    private boolean undone;

    FakeMember(FakeGroup group) {
      this.group = group;
    }

    @Override
    public WriteTransaction transaction() {
      return (WriteTransaction) Proxy.newProxyInstance(
          FakeEngine.class.getClassLoader(),
          new Class<?>[] {WriteTransaction.class},
          (proxy, method, arguments) -> {
            if (!method.getName().equals("put")) {
              throw new UnsupportedOperationException(method.getName());
            }
            put(new String((byte[]) arguments[1], StandardCharsets.UTF_8));
            return null;
          });
    }

    private void put(String key) {
      written.add(key);
      bytes += 1_000;
      if (key.startsWith("huge") && !group.kept.isEmpty() || key.startsWith("impossible")) {
        undone = true;
        throw new Undone();
      }
    }

    @Override
    public Optional<Versionstamp> keep() {
      group.kept.addAll(written);
      return written.isEmpty()
          ? Optional.empty()
          : Optional.of(new Versionstamp(++version, 0, 0));
    }

    @Override
    public boolean rollback() {
      return !undone;
    }

    @Override
    public long bytes() {
      return bytes;
    }
  }
}
