package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code _design_docs}, {@code _local_docs}, and several listings in one request. */
@ExtendWith(SharedService.class)
class ListingsTest {

  @Test
  void conversation_aboutDesignAndLocalDocuments(Http http) {
    Conversations.hold("listings", http);
  }

  @Test
  void conversation_aboutSeveralQueries(Http http) {
    Conversations.hold("queries", http);
  }
}
