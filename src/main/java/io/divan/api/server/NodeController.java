package io.divan.api.server;

import io.divan.api.http.ApiException;
import io.divan.api.http.RequiresServer;
import io.divan.api.http.Responses;
import io.divan.api.http.Versions;
import io.divan.document.Principal;
import io.divan.json.JsonBuffer;
import io.divan.security.ServerAction;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;

/** {@code _node/NAME}: the name of the node and the versions of its parts. */
@Controller
@RequiresServer(ServerAction.ADMINISTER)
final class NodeController {
  private static final String NODE = "/_node/{node}";
  private static final String VERSIONS = NODE + "/_versions";

  @GetMapping(NODE)
  void name(@PathVariable("node") String node, Principal principal, HttpServletResponse response)
      throws IOException {
    Node.check(node);
    Responses.json(
        response, 200, new JsonBuffer().raw("{\"name\":").string(Node.NAME).raw('}'));
  }

  @GetMapping(VERSIONS)
  void versions(
      @PathVariable("node") String node, Principal principal, HttpServletResponse response)
      throws IOException {
    Node.check(node);
    Responses.json(
        response,
        200,
        new JsonBuffer()
            .raw("{\"divan\":{\"version\":")
            .string(Versions.DIVAN)
            .raw("},\"java\":{\"version\":")
            .string(Runtime.version().toString())
            .raw("}}"));
  }

  @RequestMapping({NODE, VERSIONS})
  void otherMethods(Principal principal) {
    throw ApiException.methodNotAllowed("GET");
  }
}
