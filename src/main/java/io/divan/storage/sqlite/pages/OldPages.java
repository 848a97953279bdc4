package io.divan.storage.sqlite.pages;

import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.WriteTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Removes rows of pages that no reader may need any more, some with each commit.
 *
 * <p>A version is in the past once readers of older ones have had their time: then the header's
 * horizon is set to it, and of each page that it changed the older rows go, and its own where it
 * cut the page off. The rows of {@link Layout#CHANGES} say which pages these are; the row goes with
 * them. So rows up to the horizon are the work that is left.
 */
final class OldPages {

  /** How many pages' old rows one commit removes at most, by the rows that list them. */
  private static final int PAGES_MAX = 2_500;

  /** So many rows of changes are looked at by one commit at most. */
  private static final int ROWS_MAX = 256;

  private OldPages() {}

  /** In a row of changes: a page that was cut off. */
  static int cutOff(int page) {
    return ~page;
  }

  /** The page that a number in a row of changes means. */
  static int page(int number) {
    return number < 0 ? ~number : number;
  }

  /**
   * Removes some old rows.
   *
   * @param horizon that of the header this transaction writes
   * @return whether there are more
   */
  static boolean remove(WriteTransaction transaction, PageFile file, long horizon) {
    Range past = Layout.changes(file.number(), 0, horizon).limit(ROWS_MAX);
    int left = PAGES_MAX;
    for (KeyValue row : transaction.snapshot().scan(past).rows()) {
      int[] pages = Layout.numbers(row.value());
      if (pages.length > left && left < PAGES_MAX) {
        return true;
      }
      long version = Layout.changesVersion(row.key());
      remove(transaction, file, version, Arrays.copyOf(pages, Math.min(pages.length, PAGES_MAX)));
      if (pages.length > PAGES_MAX) {
        int[] rest = Arrays.copyOfRange(pages, PAGES_MAX, pages.length);
        transaction.put(Layout.CHANGES, row.key(), Layout.numbers(rest));
        return true;
      }
      transaction.delete(Layout.CHANGES, row.key());
      left -= pages.length;
    }
    return left < PAGES_MAX;
  }

  private static void remove(
      WriteTransaction transaction, PageFile file, long version, int[] pages) {
    List<byte[]> cutOff = new ArrayList<>();
    for (int page : pages) {
      transaction.deleteRange(Layout.pageBefore(file.number(), page(page), version));
      if (page < 0) {
        cutOff.add(Layout.page(file.number(), page(page), version));
      }
    }
    if (cutOff.isEmpty()) {
      return;
    }
    // A page may have been written again after it was cut off, by another step of the commit.
    List<Optional<byte[]>> values = transaction.snapshot().getAll(Layout.PAGES, cutOff);
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).isPresent() && values.get(i).get().length == 0) {
        transaction.delete(Layout.PAGES, cutOff.get(i));
      }
    }
  }
}
