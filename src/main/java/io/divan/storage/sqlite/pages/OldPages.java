package io.divan.storage.sqlite.pages;

import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.WriteTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Removes page rows that no reader needs any more, some with each commit.
 *
 * <p>Once readers of older versions have had their time, the header's horizon is set to a version.
 * Then, for each page that this version changed, the older rows are removed; if the version cut the
 * page off, its own row is removed too. The rows of {@link StoreLayout#CHANGES} list these pages,
 * and are removed with them. So the rows of changes up to the horizon represent the remaining work.
 */
final class OldPages {

  /** The maximum number of pages whose old rows one commit removes. */
  private static final int PAGES_MAX = 2_500;

  /** The maximum number of rows of changes that one commit reads. */
  private static final int ROWS_MAX = 256;

  private OldPages() {}

  /** The entry in a row of changes for a page that was cut off. */
  static int cutOff(int page) {
    return ~page;
  }

  /** The page of an entry in a row of changes. */
  static int page(int number) {
    return number < 0 ? ~number : number;
  }

  /**
   * Removes some old rows.
   *
   * @param horizon the horizon in the header that this transaction writes
   * @return whether there are more
   */
  static boolean remove(WriteTransaction transaction, DatabaseFile file, long horizon) {
    Range past = StoreLayout.changes(file.number(), 0, horizon).limit(ROWS_MAX);
    int left = PAGES_MAX;
    for (KeyValue row : transaction.snapshot().scan(past).rows()) {
      int[] pages = StoreLayout.numbers(row.value());
      if (pages.length > left && left < PAGES_MAX) {
        return true;
      }
      long version = StoreLayout.changesVersion(row.key());
      remove(transaction, file, version, Arrays.copyOf(pages, Math.min(pages.length, PAGES_MAX)));
      if (pages.length > PAGES_MAX) {
        int[] rest = Arrays.copyOfRange(pages, PAGES_MAX, pages.length);
        transaction.put(StoreLayout.CHANGES, row.key(), StoreLayout.numbers(rest));
        return true;
      }
      transaction.delete(StoreLayout.CHANGES, row.key());
      left -= pages.length;
    }
    return left < PAGES_MAX;
  }

  private static void remove(
      WriteTransaction transaction, DatabaseFile file, long version, int[] pages) {
    List<byte[]> cutOff = new ArrayList<>();
    for (int page : pages) {
      transaction.deleteRange(StoreLayout.pageBefore(file.number(), page(page), version));
      if (page < 0) {
        cutOff.add(StoreLayout.page(file.number(), page(page), version));
      }
    }
    if (cutOff.isEmpty()) {
      return;
    }
    // Another step of the same commit may have written the page again after it was cut off.
    List<Optional<byte[]>> values = transaction.snapshot().getAll(StoreLayout.PAGES, cutOff);
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).isPresent() && values.get(i).get().length == 0) {
        transaction.delete(StoreLayout.PAGES, cutOff.get(i));
      }
    }
  }
}
