package io.divan.storage.sqlite.pages;

import io.divan.storage.StorageException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Wraps SQLite's connections for virtual threads, and adds causes to their exceptions. Thread-safe.
 *
 * <ol>
 *   <li>Calls of virtual threads run on a bounded pool of platform threads. In native code a
 *       virtual thread would pin its carrier, even while SQLite waits for another connection, which
 *       may need that very carrier to continue. Calls of platform threads run on the calling
 *       thread.
 *   <li>SQLite receives only error codes. The base store's exception becomes the cause of SQLite's.
 *   <li>After a failed commit every call except {@code close}, {@code isClosed} and {@code isValid}
 *       fails.
 * </ol>
 */
final class JdbcThreads implements AutoCloseable {
  /** The interfaces to wrap; one object of the driver may implement several. */
  private static final Set<Class<?>> WRAPPED =
      Set.of(
          Connection.class,
          Statement.class,
          PreparedStatement.class,
          CallableStatement.class,
          ResultSet.class,
          ResultSetMetaData.class,
          ParameterMetaData.class,
          DatabaseMetaData.class);

  private static final int THREADS = 64;
  private static final int WAITING_MAX = 10_000;
  private static final long IDLE_SECONDS = 30;

  private final ThreadPoolExecutor pool =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(WAITING_MAX),
          target -> {
            Thread thread = new Thread(target, "sqlite-pages");
            thread.setDaemon(true);
            return thread;
          });

  JdbcThreads() {
    pool.allowCoreThreadTimeOut(true);
  }

  /** Opens a connection and wraps it. */
  Connection connect(VfsBinding binding, Callable<Connection> opener) throws SQLException {
    try {
      Connection connection = call(opener);
      return (Connection) wrap(connection, Connection.class, binding);
    } catch (SQLException e) {
      throw withCause(e, binding);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new SQLException(e);
    }
  }

  private <T> T call(Callable<T> work) throws Throwable {
    if (!Thread.currentThread().isVirtual()) {
      return work.call();
    }
    FutureTask<T> task = new FutureTask<>(work);
    try {
      pool.execute(task);
    } catch (RejectedExecutionException e) {
      throw new SQLException(
          "Too many calls wait for a thread (" + WAITING_MAX + "), or the databases are closed",
          e);
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true; // the call in SQLite cannot be interrupted
        } catch (ExecutionException e) {
          throw e.getCause();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Object wrap(Object target, Class<?> type, VfsBinding binding) {
    return Proxy.newProxyInstance(
        JdbcThreads.class.getClassLoader(),
        new Class<?>[] {type},
        new Handler(target, binding));
  }

  /** The same exception with the base store's exception as its cause, if there is one. */
  static SQLException withCause(SQLException e, VfsBinding binding) {
    Throwable why = binding.takeFailure();
    if (why == null) {
      return e;
    }
    SQLException explained =
        why instanceof StorageException
            ? new SQLException(
                e.getMessage() + ": " + why.getMessage(), e.getSQLState(), e.getErrorCode(), why)
            : new SQLException(e.getMessage(), e.getSQLState(), e.getErrorCode(), why);
    explained.addSuppressed(e);
    return explained;
  }

  private final class Handler implements InvocationHandler {
    private final Object target;
    private final VfsBinding binding;

    Handler(Object target, VfsBinding binding) {
      this.target = target;
      this.binding = binding;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
        throws Throwable {
      switch (method.getName()) {
        case "equals" -> {
          return arguments != null && proxy == arguments[0];
        }
        case "hashCode" -> {
          return System.identityHashCode(proxy);
        }
        case "unwrap" -> {
          if (arguments != null && !((Class<?>) arguments[0]).isInstance(target)) {
            throw new SQLException("This is not a " + arguments[0]);
          }
          return target;
        }
        case "isValid" -> {
          if (binding.broken() != null) {
            return false;
          }
        }
        case "close", "isClosed" -> {
          // Allowed after a failed commit.
        }
        default -> checkUsable();
      }
      try {
        return wrapped(method, call(() -> method.invoke(target, arguments)));
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof SQLException sql) {
          throw withCause(sql, binding);
        }
        throw e.getCause();
      }
    }

    private void checkUsable() throws SQLException {
      Throwable why = binding.broken();
      if (why != null) {
        throw new SQLNonTransientConnectionException(
            "A commit has failed on this connection: open a new one (" + why.getMessage() + ")",
            "08003",
            why);
      }
    }

    /** Wraps a result that uses the connection. */
    private @Nullable Object wrapped(Method method, @Nullable Object result) {
      Class<?> type = method.getReturnType();
      return result != null && WRAPPED.contains(type) ? wrap(result, type, binding) : result;
    }
  }

  @Override
  public void close() {
    pool.shutdown();
  }
}
