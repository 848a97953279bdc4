package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One open database, lent to many at a time. Safe for use by many threads; borrowing one that is
 * open takes no lock.
 *
 * <ol>
 *   <li>Whoever borrows counts itself first and looks then whether the database is still the one
 *       that is open; whoever closes takes it away first and looks then whether anybody is counted.
 *       So one of them sees the other, and nothing is closed while it is in use.
 *   <li>A database that failed is lent no more. It is closed once nobody uses it, and only then
 *       opened again: an engine admits nobody twice.
 * </ol>
 *
 * @param <T> what is lent
 */
public abstract class LentToMany<T extends LentToMany.Opened> extends Lent {

  /** What is lent, and by how many it is borrowed. */
  public abstract static class Opened {
    private final AtomicInteger users = new AtomicInteger();

    /** Closes it; must not throw. Called once, while nobody uses it. */
    protected abstract void close();
  }

  private final String title;
  private final OpenStores openStores;
  private volatile @Nullable T open;
  private volatile @Nullable T failing;

  /**
   * Makes what lends a database that is not open.
   *
   * @param title what the database is called in messages
   */
  protected LentToMany(String title, OpenStores openStores) {
    this.title = title;
    this.openStores = openStores;
  }

  /** Opens the database. Called with the lock, and only while it is not open. */
  protected abstract T openNew();

  /** Whether the database stays open though nobody has borrowed it. Called with the lock. */
  protected boolean isKept(T unused) {
    return false;
  }

  /** Lends the database, opening it where it is not open; {@link #giveBack} follows. */
  public T borrow() {
    T seen = open;
    if (seen != null) {
      users(seen).incrementAndGet();
      if (open == seen && !isRetired()) {
        return seen;
      }
      giveBack(seen);
    }
    lock.lock();
    try {
      checkLendable();
      T lent = open == null ? reopen() : open;
      users(lent).incrementAndGet();
      return lent;
    } finally {
      lock.unlock();
    }
  }

  /** Takes back what was lent. */
  public final void giveBack(T lent) {
    usedNow();
    if (users(lent).decrementAndGet() == 0 && (isRetired() || failing != null)) {
      lock.lock();
      try {
        closeFailing();
        givenBack();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Lends this no more: it has failed. Where it is lent it is still to be given back.
   *
   * @return whether it was lent until now
   */
  public boolean failed(T lent) {
    lock.lock();
    try {
      if (open != lent) {
        return false;
      }
      open = null;
      failing = lent;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** What is open now, not borrowed. */
  protected final @Nullable T opened() {
    return open;
  }

  /** Closes what has failed if nobody uses it. */
  protected final void closeFailing() {
    lock.lock();
    try {
      T seen = failing;
      if (seen != null && !isUsed(seen)) {
        failing = null;
        seen.close();
        if (open == null) {
          openStores.remove(this);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  protected final void touch() {
    giveBack(borrow());
  }

  @Override
  protected final boolean isUsed() {
    return isUsed(open) || isUsed(failing);
  }

  @Override
  protected final boolean closeUnused() {
    closeFailing();
    T seen = open;
    if (seen == null) {
      return true;
    }
    open = null;
    if (isUsed(seen) || isKept(seen)) {
      open = seen;
      return false;
    }
    seen.close();
    openStores.remove(this); // last: while it is there, its store stays reachable
    return true;
  }

  private static AtomicInteger users(Opened lent) {
    return lent.users;
  }

  private static boolean isUsed(@Nullable Opened seen) {
    return seen != null && seen.users.get() > 0;
  }

  private T reopen() {
    closeFailing();
    if (failing != null) {
      throw new StorageException.StoreUnavailable(
          title + " has failed and is opened again once nobody reads it any more");
    }
    openStores.makeRoom();
    T opened = openNew();
    open = opened;
    openStores.add(this);
    return opened;
  }
}
