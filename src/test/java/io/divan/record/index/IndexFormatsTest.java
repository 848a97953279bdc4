package io.divan.record.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The stored bytes, literally: data written by this version must remain readable. */
class IndexFormatsTest {
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
  private static final byte[] FINGERPRINT = {1, 2, 3, 4, 5, 6, 7, 8};

  private final Store store =
      new CheckedAdapter(new ReferenceAdapter()).create("db", transaction -> {});
  private final IndexSpace space = new IndexSpace(IndexSpace.RECORDS, new byte[0]);

  private List<String> rows() {
    return store.read(
        transaction -> {
          List<String> rows = new ArrayList<>();
          for (KeyValue row : transaction.scan(Range.all(IndexSpace.RECORDS)).rows()) {
            rows.add(HEX.formatHex(row.key()) + " = " + HEX.formatHex(row.value()));
          }
          return rows;
        });
  }

  @Test
  void rows_ofAllKinds() {
    byte[] owner = TupleWriter.pack("u1");
    store.write(
        transaction -> {
          IndexHandle index =
              IndexCatalog.createReadable(transaction, space, new byte[] {'s'});
          IndexHandle building =
              IndexCatalog.create(transaction, space, new byte[] {'b'}, 1_000);
          assertThat(building.number()).isEqualTo(2);
          new IndexWriter(transaction, space)
              .change(
                  List.of(
                      new IndexWriter.Change(
                          index,
                          owner,
                          List.of(),
                          List.of(
                              new Contribution.Row(
                                  IndexSpace.concat(TupleWriter.pack("Paris"), owner),
                                  new byte[0]),
                              new Contribution.Unique(TupleWriter.pack("x"), owner),
                              new Contribution.Add(TupleWriter.pack("Paris"), 258),
                              new Contribution.Ever(
                                  TupleWriter.pack("Paris"), TupleWriter.pack(7), false),
                              new Contribution.Ever(
                                  TupleWriter.pack("Paris"), TupleWriter.pack(9), true)))),
                  List.of());
          return true;
        });
    assertThat(rows())
        .containsExactly(
            // (0, "build", 2) = ("", 0, 1000), with the position as bytes
            "14 02 62 75 69 6c 64 00 15 02 = 01 00 14 16 03 e8",
            // (0, "next") = (3)
            "14 02 6e 65 78 74 00 = 15 03",
            // (0, "state", 1) = (1 readable, signature, no problem)
            "14 02 73 74 61 74 65 00 15 01 = 15 01 01 73 00 00",
            "14 02 73 74 61 74 65 00 15 02 = 14 01 62 00 00",
            // (2, 1, "Paris", "u1"), (3, 1, "x"), (4, 1, "Paris")
            "15 02 15 01 02 50 61 72 69 73 00 02 75 31 00 = ",
            "15 03 15 01 02 78 00 = 02 75 31 00",
            "15 04 15 01 02 50 61 72 69 73 00 = 02 01 00 00 00 00 00 00",
            // (5, 1, 0 least, "Paris", 7), (5, 1, 1 greatest, "Paris", 9)
            "15 05 15 01 14 02 50 61 72 69 73 00 15 07 = ",
            "15 05 15 01 15 01 02 50 61 72 69 73 00 15 09 = ");
  }

  @Test
  void rows_ofAFeed() {
    byte[] owner = TupleWriter.pack("u1");
    String stamp =
        HEX.formatHex(
            store
                .write(
                    transaction -> {
                      IndexHandle index =
                          IndexCatalog.createReadable(transaction, space, new byte[] {'s'});
                      new IndexWriter(transaction, space)
                          .change(
                              index,
                              owner,
                              List.of(),
                              List.of(
                                  new Contribution.Feed(owner, new byte[] {'v'}, false)),
                              List.of());
                      return true;
                    })
                .versionstamp()
                .orElseThrow()
                .toBytes());
    assertThat(rows())
        .containsExactly(
            // (0, "feed", 1) = stamp
            "14 02 66 65 65 64 00 15 01 = " + stamp,
            "14 02 6e 65 78 74 00 = 15 02",
            "14 02 73 74 61 74 65 00 15 01 = 15 01 01 73 00 00",
            // (6, 1, stamp) = owner as bytes, then the value; (7, 1) + owner = stamp
            "15 06 15 01 33 " + stamp + " = 01 02 75 31 00 ff 00 76",
            "15 07 15 01 02 75 31 00 = " + stamp);
  }

  @Test
  void states_ofAllCodes() {
    assertThat(Arrays.stream(IndexState.values()).map(state -> state + "=" + state.code()))
        .containsExactly("BUILDING=0", "READABLE=1", "DISABLED=2", "DROPPING=3");
    assertThat(Arrays.stream(IndexRows.values()).map(kind -> kind + "=" + kind.code()))
        .containsExactly(
            "VALUES=2", "UNIQUE=3", "COUNTERS=4", "EVER=5", "FEED=6", "FEED_PLACES=7");
  }

  @Test
  void columns_descending() {
    assertThat(
        HEX.formatHex(
            new IndexColumns.Writer()
                .add("a", false).add("a", true).add(null, true).add(258, true).toBytes()))
        .isEqualTo("02 61 00 fc 9e ff ff fe ff e8 fe fd ff");
  }

  @Test
  void continuations_ofAllKinds() {
    byte[] keys = Continuation.write(1, FINGERPRINT, Continuation.key(new byte[] {9, 8}));
    byte[] position =
        Continuation.position(new IndexScan.Position(300, new byte[] {7}));
    byte[] ranges = Continuation.write(2, FINGERPRINT, position);
    byte[] union =
        Continuation.write(
            3,
            FINGERPRINT,
            Continuation.branches(List.of(Optional.empty(), Optional.of(position))));
    assertThat(HEX.formatHex(keys))
        .isEqualTo("01 01 01 02 03 04 05 06 07 08 02 09 08 30 d3 f3 8d");
    assertThat(HEX.formatHex(ranges))
        .isEqualTo("01 02 01 02 03 04 05 06 07 08 ac 02 01 07 01 62 d2 14");
    assertThat(HEX.formatHex(union))
        .isEqualTo("01 03 01 02 03 04 05 06 07 08 02 00 01 04 ac 02 01 07 73 76 1e f0");
    assertThat(Continuation.read(keys, FINGERPRINT).key()).isEqualTo(new byte[] {9, 8});
    IndexScan.Position read = Continuation.read(ranges, FINGERPRINT).position();
    assertThat(read.range()).isEqualTo(300);
    assertThat(read.after()).isEqualTo(new byte[] {7});
    List<Optional<byte[]>> branches = Continuation.read(union, FINGERPRINT).branches();
    assertThat(branches.get(0)).isEmpty();
    assertThat(branches.get(1)).hasValueSatisfying(b -> assertThat(b).isEqualTo(position));
  }

  @Test
  void continuation_cutChangedOrOfAnotherQuery_isRefused() {
    byte[] bytes = Continuation.write(1, FINGERPRINT, Continuation.key(new byte[] {9, 8}));
    for (int length = 0; length < bytes.length; length++) {
      refused(Arrays.copyOf(bytes, length), FINGERPRINT);
    }
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] ^= 0x40;
      refused(changed, FINGERPRINT);
    }
    refused(bytes, new byte[8]);
    refused(new byte[Continuation.BYTES_MAX + 1], FINGERPRINT);
    byte[] bad = Continuation.write(1, FINGERPRINT, new byte[] {5, 1});
    assertThatThrownBy(() -> Continuation.read(bad, FINGERPRINT).key())
        .isInstanceOf(IndexException.BadContinuation.class);
    byte[] longer = Continuation.write(1, FINGERPRINT, new byte[] {0, 1});
    assertThatThrownBy(() -> Continuation.read(longer, FINGERPRINT).key())
        .isInstanceOf(IndexException.BadContinuation.class);
    assertThatThrownBy(() -> Continuation.read(bytes, FINGERPRINT).position())
        .isInstanceOf(IndexException.BadContinuation.class);
  }

  private static void refused(byte[] bytes, byte[] fingerprint) {
    assertThatThrownBy(() -> Continuation.read(bytes, fingerprint))
        .isInstanceOf(IndexException.BadContinuation.class);
  }
}
