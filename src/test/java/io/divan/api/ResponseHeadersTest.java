package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.api.http.ClientAddress;
import io.divan.api.http.Versions;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Headers that depend on settings, and the headers of trusted proxies. */
class ResponseHeadersTest {
  private static final String CONFIG = "/_node/_local/_config/";

  @TempDir Path directory;

  /** Shows where the service believes a request comes from. */
  @Configuration(proxyBeanMethods = false)
  static class ShowClient {

    @Bean
    Filter showClient() {
      return (request, response, chain) -> {
        HttpServletRequest http = (HttpServletRequest) request;
        ((HttpServletResponse) response).setHeader(
            "Client", ClientAddress.of(http) + " " + ClientAddress.isSecure(http));
        chain.doFilter(request, response);
      };
    }
  }

  private static void set(Http http, String setting, String value) {
    assertThat(http.put(CONFIG + setting, "\"" + value + "\"").status()).isEqualTo(200);
  }

  @Test
  void proxy_trusted_namesTheClient() {
    try (Service service =
        Service.start(
            ShowClient.class, directory, "--divan.http.trusted-proxies=10.0.0.0/8, 127.0.0.1")) {
      Http http = service.http();
      String db = http.newDatabase();
      HttpAnswer answer =
          http.put(
              db + "/a",
              "{}",
              "X-Forwarded-For: 6.6.6.6, 198.51.100.1, 10.2.3.4",
              "X-Forwarded-Host: db.example:8443",
              "X-Forwarded-Proto: https");

      assertThat(answer.header("Client")).contains("198.51.100.1 true");
      assertThat(answer.header("Location")).contains("https://db.example:8443" + db + "/a");
      assertThat(http.get("/").header("Client")).contains("127.0.0.1 false");
    }
  }

  @Test
  void proxy_onKubernetes_isNotTrustedUnlessConfigured() {
    try (Service service =
        Service.start(ShowClient.class, directory, "--spring.main.cloud-platform=kubernetes")) {
      HttpAnswer answer =
          service.http().get(
              "/", "X-Forwarded-For: 198.51.100.1", "X-Forwarded-Proto: https");

      assertThat(answer.header("Client")).contains("127.0.0.1 false");
    }
  }

  @Test
  void serverHeader_withVersions_ifAskedFor() {
    try (Service service =
        Service.start(directory, "--divan.http.server-header-versions=true")) {
      Http http = service.http();

      assertThat(http.get("/").header("Server")).contains("Divan/" + Versions.DIVAN);
      set(http, "chttpd/server_header_versions", "false");
      assertThat(http.get("/").header("Server")).contains("Divan");
    }
  }

  @Test
  void frameOptions_areThoseOfCouchDb() {
    try (Service service = Service.start(directory)) {
      Http http = service.http();
      assertThat(http.get("/").header("X-Frame-Options")).isEmpty();

      set(http, "chttpd/enable_xframe_options", "true");
      assertThat(http.get("/").header("X-Frame-Options")).contains("DENY");
      set(http, "x_frame_options/hosts", "https://other.example, " + http.url());
      assertThat(http.get("/").header("X-Frame-Options")).contains("ALLOW-FROM " + http.url());
      set(http, "x_frame_options/hosts", "*");
      assertThat(http.get("/nodb").header("X-Frame-Options"))
          .contains("ALLOW-FROM " + http.url());
      set(http, "x_frame_options/same_origin", "true");
      assertThat(http.get("/").header("X-Frame-Options")).contains("SAMEORIGIN");
    }
  }

  @Test
  void cors_byDefault_isOff() {
    try (Service service = Service.start(directory)) {
      HttpAnswer answer = service.http().get("/", "Origin: http://example.com");

      assertThat(answer.headers().keySet())
          .noneMatch(name -> name.startsWith("Access-Control-"));
      assertThat(answer.header("Vary")).isEmpty();
    }
  }
}
