package io.divan.storage.sqlite.pages;

import io.divan.storage.StorageException;

/** The process of {@link NativeAccessTest}. */
public final class NativeAccessChild {
  private NativeAccessChild() {}

  /** Prints whether the VFS is usable. */
  public static void main(String[] arguments) {
    try {
      SqlitePages.requireUsable();
      System.out.println("usable");
    } catch (StorageException.StoreUnusable e) {
      System.out.println(e.getMessage());
    }
  }
}
