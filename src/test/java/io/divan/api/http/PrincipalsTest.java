package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.document.DocumentException;
import io.divan.document.EditHooks;
import io.divan.document.EditRule;
import io.divan.document.Principal;
import io.divan.document.ProposedEdit;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;

/**
 * The principal of a request reaches the edit rules. In this test's service, a header names the
 * user, and only ann may store her own documents.
 */
class PrincipalsTest {

  /** Only registered in this test's service; component scanning does not find it. */
  static class Users {

    @Bean
    Filter userFromHeader() {
      return (request, response, chain) -> {
        String name = ((HttpServletRequest) request).getHeader("X-User");
        if (name != null) {
          Principals.set(request, new Principal(Optional.of(name), Set.of("editor")));
        }
        chain.doFilter(request, response);
      };
    }

    @Bean
    EditHooks rules() {
      EditRule rule = Users::check;
      return new EditHooks(List.of(context -> Optional.of(rule)), List.of(), List.of());
    }

    private static void check(ProposedEdit edit) {
      boolean anonymous = edit.principal().name().isEmpty();
      if (!edit.id().startsWith("ann") || edit.principal().name().equals(Optional.of("ann"))) {
        return;
      }
      if (anonymous && !edit.principal().isServerAdmin()) {
        throw new AssertionError("A request without a user must be the administrator's");
      }
      throw anonymous
          ? new DocumentException.Unauthorized("Log in.")
          : new DocumentException.Forbidden("This is ann's.");
    }
  }

  @TempDir private Path directory;
  private Service service;
  private Http http;

  @BeforeEach
  void start() {
    service = Service.start(
        Users.class, directory, "--divan.access.default-security=everyone");
    http = service.http();
    assertThat(http.put("/db", "").status()).isEqualTo(201);
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private HttpAnswer put(String id, String... headers) {
    return http.put("/db/" + id, "{}", headers);
  }

  @Test
  void put_byUser_reachesTheRule() {
    assertThat(put("other", "X-User: bob").status()).isEqualTo(201);
    HttpAnswer anonymous = put("ann1");
    assertThat(anonymous.status()).isEqualTo(401);
    assertThat(anonymous.text().strip())
        .isEqualTo("{\"error\":\"unauthorized\",\"reason\":\"Log in.\"}");
    HttpAnswer bob = put("ann1", "X-User: bob");
    assertThat(bob.status()).isEqualTo(403);
    assertThat(bob.text().strip())
        .isEqualTo("{\"error\":\"forbidden\",\"reason\":\"This is ann's.\"}");
    assertThat(put("ann1", "X-User: ann").status()).isEqualTo(201);
  }

  @Test
  void bulkDocs_byUser_reportsTheRefusedEdits() {
    String refusal = "\"error\":\"forbidden\",\"reason\":\"This is ann's.\"}";
    HttpAnswer bulk =
        http.post(
            "/db/_bulk_docs",
            "{\"docs\":[{\"_id\":\"ann1\"},{\"_id\":\"b\"}]}",
            "X-User: bob");
    assertThat(bulk.status()).isEqualTo(201);
    assertThat(bulk.text()).startsWith("[{\"id\":\"ann1\"," + refusal
        + ",{\"ok\":true,\"id\":\"b\",");
    HttpAnswer replicated =
        http.post(
            "/db/_bulk_docs",
            "{\"new_edits\":false,\"docs\":[{\"_id\":\"ann1\",\"_rev\":\"1-a\"},"
                + "{\"_id\":\"c\",\"_rev\":\"1-c\"}]}",
            "X-User: bob");
    assertThat(replicated.status()).isEqualTo(201);
    assertThat(replicated.text().strip())
        .isEqualTo("[{\"id\":\"ann1\",\"rev\":\"1-a\"," + refusal + "]");
    assertThat(http.get("/db/c").status()).isEqualTo(200);
    assertThat(http.get("/db/ann1").status()).isEqualTo(404);
  }
}
