package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Service;
import io.divan.TestCertificate;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A stop, as clients of HTTP/2 see it: frame by frame. */
@Timeout(60)
class Http2StopTest {
  private static final int SETTINGS = 4;
  private static final int GO_AWAY = 7;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final byte[] EMPTY_SETTINGS = {0, 0, 0, SETTINGS, 0, 0, 0, 0, 0};

  /** The type and the payload of a frame. */
  private record Frame(int type, byte[] payload) {

    static Frame read(DataInputStream in) throws IOException {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      in.skipNBytes(5); // flags and stream
      return new Frame(type, in.readNBytes(length));
    }
  }

  @Test
  void stop_openConnection_getsGoAwayWithoutAnError(@TempDir Path directory) throws Exception {
    TestCertificate certificate = TestCertificate.create(directory, "server");
    certificate.write(directory);
    SSLContext trust = TestCertificate.trusting(certificate);
    String store = "--spring.ssl.bundle.pem.server.keystore.";
    Service service =
        Service.start(
            directory.resolve("data"),
            "--server.ssl.bundle=server",
            store + "certificate=file:" + directory.resolve("tls.crt"),
            store + "private-key=file:" + directory.resolve("tls.key"));
    try (SSLSocket socket =
        (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", service.port())) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
      socket.getOutputStream().write(PREFACE.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(EMPTY_SETTINGS);
      socket.getOutputStream().flush();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      assertThat(Frame.read(in).type()).isEqualTo(SETTINGS);

      Thread stop = Thread.ofPlatform().start(service::close);
      Frame frame = Frame.read(in);
      while (frame.type() != GO_AWAY) {
        frame = Frame.read(in);
      }

      byte[] code = Arrays.copyOfRange(frame.payload(), Integer.BYTES, 2 * Integer.BYTES);
      assertThat(ByteBuffer.wrap(code).getInt()).isZero();
      stop.join();
    } finally {
      service.close();
    }
  }
}
