package io.divan.storage.sqlite.pages;

import io.divan.storage.StorageException;

/** The process of {@link NativeAccessTest}. */
public final class NativeAccessChild {
  private NativeAccessChild() {}

  /** Prints what is said of the VFS. */
  public static void main(String[] arguments) {
    try {
      SqlitePages.requireUsable();
      System.out.println("usable");
    } catch (StorageException.StoreUnavailable e) {
      System.out.println(e.getMessage());
    }
  }
}
