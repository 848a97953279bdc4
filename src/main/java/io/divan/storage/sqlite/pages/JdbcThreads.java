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
 * Makes SQLite's connections fit for virtual threads, and tells what became of failures. Safe for
 * use by many threads.
 *
 * <ol>
 *   <li>What a virtual thread calls runs on a platform thread of a bounded pool: in native code a
 *       virtual thread holds its carrier, also while SQLite sleeps because another connection is
 *       busy, which may need that very carrier to go on. A platform thread calls for itself.
 *   <li>SQLite is told numbers only; what the base store threw becomes the cause of what SQLite
 *       throws.
 *   <li>After a commit that failed every call but {@code close}, {@code isClosed} and {@code
 *       isValid} fails.
 * </ol>
 */
final class JdbcThreads implements AutoCloseable {
  /** One object of the driver may be of several of these. */
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

  /** Opens a connection, and makes it fit. */
  Connection connect(VfsBinding binding, Callable<Connection> opener) throws SQLException {
    try {
      Connection connection = call(opener);
      return (Connection) wrap(connection, Connection.class, binding);
    } catch (SQLException e) {
      throw explained(e, binding);
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
      throw new SQLException("Too much work waits for a thread, or the databases are closed", e);
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true; // SQLite goes on whatever we do
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

  /** The same error with what the base store threw, if it did. */
  static SQLException explained(SQLException e, VfsBinding binding) {
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
            throw new SQLException("This is no " + arguments[0]);
          }
          return target;
        }
        case "isValid" -> {
          if (binding.broken() != null) {
            return false;
          }
        }
        case "close", "isClosed" -> {
          // These work to the end.
        }
        default -> checkUsable();
      }
      try {
        return wrapped(method, call(() -> method.invoke(target, arguments)));
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof SQLException sql) {
          throw explained(sql, binding);
        }
        throw e.getCause();
      }
    }

    private void checkUsable() throws SQLException {
      Throwable why = binding.broken();
      if (why != null) {
        throw new SQLNonTransientConnectionException(
            "A commit has failed on this connection: open another one (" + why.getMessage() + ")",
            "08003",
            why);
      }
    }

    /** What is answered by a type that works with the connection: fit, too. */
    private @Nullable Object wrapped(Method method, @Nullable Object result) {
      Class<?> answers = method.getReturnType();
      return result != null && WRAPPED.contains(answers)
          ? wrap(result, answers, binding)
          : result;
    }
  }

  @Override
  public void close() {
    pool.shutdown();
  }
}
