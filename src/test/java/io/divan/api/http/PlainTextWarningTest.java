package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;

/** When the start warns of passwords in clear. */
@ExtendWith(OutputCaptureExtension.class)
class PlainTextWarningTest {

  private static PlainTextWarning warning(String address, boolean tls, String proxy) {
    ServerProperties server = new ServerProperties();
    server.setAddress(address == null ? null : InetAddress.ofLiteral(address));
    if (tls) {
      server.setSsl(Ssl.forBundle("server"));
    }
    List<String> trusted = proxy == null ? List.of() : List.of(proxy);
    return new PlainTextWarning(
        server, new TrustedProxies(new ProxyProperties(trusted), server));
  }

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {
    "127.0.0.1, false, -,        false",
    "::1,       false, -,        false",
    "0.0.0.0,   false, -,        true",
    "-,         false, -,        true",
    "192.0.2.1, false, -,        true",
    "192.0.2.1, true,  -,        false",
    "192.0.2.1, false, 10.0.0.1, false"
  })
  void start_byAddressTlsAndProxy_warnsOrNot(
      String address, boolean tls, String proxy, boolean warns) {
    assertThat(warning(address, tls, proxy).warning().isPresent()).isEqualTo(warns);
  }

  @Test
  void warning_namesTheAddressAndWhatToDo(CapturedOutput output) {
    warning("0.0.0.0", false, null).warn();

    assertThat(output.getAll())
        .contains("WARN", "in clear: 0.0.0.0 can be reached", "Set server.ssl.bundle, or");
  }
}
