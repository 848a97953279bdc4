package io.divan.document.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContentBuffersTest {
  private static final int STREAMS = 100;

  /** The share of a heap of 256 MB; the serial collector counts a survivor space less. */
  private static final long BYTES = 247_000_000 / 8;

  @Test
  void take_hundredStreamsOfASmallHeap_allHaveAShare() {
    ContentBuffers buffers = ContentBuffers.ofBytes(BYTES);
    List<ContentBuffers.Share> shares = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      shares.add(buffers.take());
    }
    assertThat(shares).allMatch(share -> share.batchChunks() >= 1);
    assertThat(shares.getFirst().batchChunks()).isEqualTo(5);
  }

  @Test
  void take_allMemoryInUse_refusedUntilAShareIsClosed() {
    ContentBuffers buffers = ContentBuffers.ofBytes(BYTES);
    List<ContentBuffers.Share> shares = new ArrayList<>();
    assertThatThrownBy(
        () -> {
          while (shares.size() < 10_000) {
            shares.add(buffers.take());
          }
        })
        .isInstanceOf(StorageException.StoreUnavailable.class);
    shares.getLast().close();
    assertThat(buffers.take().batchChunks()).isEqualTo(1);
  }
}
