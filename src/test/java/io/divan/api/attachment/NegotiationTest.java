package io.divan.api.attachment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Decisions that CouchDB 3.5.2 was seen to make, unless a test says otherwise. */
class NegotiationTest {
  private static final String ETAG = "\"aEI7pOYCRBLTRQvvqYrrJQ==\"";

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "*/* | RELATED | MIXED | JSON",
    "multipart/* | RELATED | MIXED | MIXED",
    "multipart/related | RELATED | JSON | RELATED",
    "multipart/related,application/json | RELATED | JSON | JSON",
    "application/json, multipart/related | RELATED | JSON | JSON",
    "application/json, multipart/related;q=0.5 | RELATED | JSON | JSON",
    "multipart/related;q=0 | JSON | JSON | JSON",
    "multipart/related;q=0.000, */* | JSON | MIXED | JSON",
    "multipart/*;q=0, */* | JSON | JSON | JSON",
    "multipart/mixed | JSON | MIXED | MIXED",
    "multipart/mixed;q=0 | JSON | JSON | JSON",
    "application/json, multipart/mixed | JSON | MIXED | JSON",
    "multipart/related, multipart/mixed | RELATED | MIXED | MIXED",
    "text/html | JSON | JSON | JSON",
    "nonsense | JSON | JSON | JSON",
    "'' | JSON | JSON | JSON",
    "MULTIPART/RELATED | RELATED | JSON | RELATED",
    "multipart/related; boundary=x | JSON | JSON | JSON",
    "multipart/related;q=0.5;x=y | JSON | JSON | JSON",
    "*/*;q=0.1 | RELATED | MIXED | JSON",
    "application/json, */*;q=0.5 | RELATED | MIXED | JSON",
    "multipart/related,*/*; | RELATED | MIXED | JSON",
  })
  void form(
      String accept,
      Negotiation.Form document,
      Negotiation.Form openRevisions,
      Negotiation.Form bulkGet) {
    assertThat(Negotiation.document(List.of(accept))).isEqualTo(document);
    assertThat(Negotiation.openRevisions(List.of(accept))).isEqualTo(openRevisions);
    assertThat(Negotiation.bulkGet(List.of(accept))).isEqualTo(bulkGet);
  }

  /** CouchDB fails with 500. */
  @ParameterizedTest
  @ValueSource(strings = {"multipart/related;q=abc", "multipart/related;q=1.5",
    "multipart/related;q", ";"})
  void form_malformedWeight(String accept) {
    assertThat(Negotiation.document(List.of(accept))).isEqualTo(Negotiation.Form.JSON);
    assertThat(Negotiation.document(List.of(accept, "*/*"))).isEqualTo(Negotiation.Form.RELATED);
  }

  @Test
  void form_noHeader() {
    assertThat(Negotiation.document(List.of())).isEqualTo(Negotiation.Form.RELATED);
    assertThat(Negotiation.openRevisions(List.of())).isEqualTo(Negotiation.Form.MIXED);
    assertThat(Negotiation.bulkGet(List.of())).isEqualTo(Negotiation.Form.JSON);
  }

  @Test
  void form_type() {
    assertThat(Negotiation.Form.MIXED.type()).isEqualTo("multipart/mixed");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "gzip", "*", "gzip, deflate", "gzip;q=0.5, identity;q=0.8",
    "gzip;q=1.0, identity; q=0.5, *;q=0", "identity;q=0, gzip", "*;q=0, gzip", "*;q=0.5",
    "GZIP", "compress, gzip", "gzip ; q = 0.1",
  })
  void acceptsGzip_yes(String header) {
    assertThat(Negotiation.acceptsGzip(List.of(header))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "identity", "", "deflate", "gzip;q=0", "*;q=0", "identity;q=0", "x-gzip", "br",
    "br, identity;q=0", "nonsense;;", "gzip;q=abc", "gzip; q=2", ",", "gzip;x=1",
    "gzip;q=0, *",
  })
  void acceptsGzip_no(String header) {
    assertThat(Negotiation.acceptsGzip(List.of(header))).isFalse();
  }

  @Test
  void acceptsGzip_severalHeaders() {
    assertThat(Negotiation.acceptsGzip(List.of())).isFalse();
    assertThat(Negotiation.acceptsGzip(List.of("br", "gzip"))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "\"aEI7pOYCRBLTRQvvqYrrJQ==\" | true",
    "W/\"aEI7pOYCRBLTRQvvqYrrJQ==\" | true",
    "aEI7pOYCRBLTRQvvqYrrJQ== | false",
    "\"other\" | false",
    "\"other\", \"aEI7pOYCRBLTRQvvqYrrJQ==\" | true",
    "\"other\",\"aEI7pOYCRBLTRQvvqYrrJQ==\" | true",
    "'' | false",
    "\"x\" \"aEI7pOYCRBLTRQvvqYrrJQ==\" | true",
  })
  void matches(String header, boolean expected) {
    assertThat(Negotiation.matches(List.of(header), ETAG)).isEqualTo(expected);
  }

  /** CouchDB does not know the asterisk. */
  @Test
  void matches_any() {
    assertThat(Negotiation.matches(List.of("*"), ETAG)).isTrue();
    assertThat(Negotiation.matches(List.of(), ETAG)).isFalse();
  }
}
