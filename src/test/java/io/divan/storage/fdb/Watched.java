package io.divan.storage.fdb;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.Transaction;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.UnaryOperator;

/** FoundationDB's interfaces with somebody who sees each call and its answer, and may change it. */
final class Watched {

  /** Sees a call after it was made; what it gives is the caller's answer. */
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

  /** The database with each transaction that it makes as {@code transactions} gives it. */
  static Database transactions(Database database, UnaryOperator<Transaction> transactions) {
    return by(
        (method, arguments, answer) ->
            answer instanceof Transaction transaction ? transactions.apply(transaction) : answer,
        Database.class,
        database);
  }
}
