package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.Transaction;
import com.apple.foundationdb.directory.DirectoryLayer;
import com.apple.foundationdb.tuple.Tuple;
import java.util.List;

/** Uses most of the simulation, in a process that logs the classes it initializes. */
final class NativeLibraryChild {

  private NativeLibraryChild() {}

  public static void main(String[] arguments) {
    Database db = new SimulatedFoundationDb().open();
    byte[] prefix = new DirectoryLayer().createOrOpen(db, List.of("divan")).join().pack();
    byte[] key = Tuple.from(1, "k").pack(prefix);
    db.runAsync(
        tr -> {
          tr.set(key, prefix);
          tr.mutate(MutationType.ADD, key, new byte[8]);
          tr.options().setTimeout(1_000);
          return tr.get(key);
        }).join();
    Transaction tr = db.createTransaction();
    tr.getRange(prefix, new byte[] {-1}).iterator().hasNext();
    tr.onError(Errors.of(Errors.NOT_COMMITTED)).join().close();
    db.close();
    System.out.println("done");
  }
}
