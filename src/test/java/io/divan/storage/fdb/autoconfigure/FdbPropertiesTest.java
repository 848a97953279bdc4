package io.divan.storage.fdb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class FdbPropertiesTest {

  @Test
  void fdb_allSettings_areBound() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(FdbAutoConfiguration.class))
        .withPropertyValues(
            "divan.storage.fdb.directory=company,divan",
            "divan.storage.fdb.timeout=3s",
            "divan.storage.fdb.retry-limit=7",
            "divan.storage.fdb.watch-limit=9",
            "divan.storage.fdb.trace-directory=/srv/trace",
            "divan.storage.fdb.tls-certificate-file=/srv/cert",
            "divan.storage.fdb.tls-key-file=/srv/key",
            "divan.storage.fdb.tls-ca-file=/srv/ca",
            "divan.storage.fdb.external-client-directory=/srv/clients",
            "divan.storage.fdb.knobs.max_reconnection_time=1")
        .run(
            context -> {
              FdbProperties fdb = context.getBean(FdbProperties.class);
              assertThat(fdb.directory()).containsExactly("company", "divan");
              assertThat(fdb.timeout()).hasSeconds(3);
              assertThat(fdb.retryLimit()).isEqualTo(7);
              assertThat(fdb.watchLimit()).isEqualTo(9);
              assertThat(fdb.traceDirectory()).hasToString("/srv/trace");
              assertThat(fdb.tlsCertificateFile()).hasToString("/srv/cert");
              assertThat(fdb.tlsKeyFile()).hasToString("/srv/key");
              assertThat(fdb.tlsCaFile()).hasToString("/srv/ca");
              assertThat(fdb.externalClientDirectory()).hasToString("/srv/clients");
              assertThat(fdb.knobs()).containsEntry("max_reconnection_time", "1");
            });
  }
}
