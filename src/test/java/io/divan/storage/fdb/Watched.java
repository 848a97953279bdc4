package io.divan.storage.fdb;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.Transaction;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.UnaryOperator;

/** Wraps FoundationDB's interfaces so that a test sees each call, and may change its result. */
final class Watched {

  /** Called after each call; its return value becomes the result of the call. */
  interface Watcher {
    Object answer(Method method, Object[] arguments, Object answer);
  }

  private Watched() {}

  static <T> T by(Watcher watcher, Class<T> type, T target) {
    InvocationHandler handler =
        (self, method, arguments) -> {
          try {
            Object[] given = arguments == null ? new Object[0] : arguments;
            return watcher.answer(method, given, method.invoke(target, given));
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return type.cast(
        Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** A database whose transactions are passed through {@code transactions}. */
  static Database transactions(Database database, UnaryOperator<Transaction> transactions) {
    return by(
        (method, arguments, answer) -> answer instanceof Transaction transaction
            ? transactions.apply(transaction)
            : answer,
        Database.class,
        database);
  }
}
