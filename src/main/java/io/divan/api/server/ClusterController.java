package io.divan.api.server;

import io.divan.api.http.JsonStream;
import io.divan.api.http.RequiresServer;
import io.divan.api.http.Responses;
import io.divan.background.ActiveTasks;
import io.divan.json.JsonBuffer;
import io.divan.security.ServerAction;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/** {@code _membership} and {@code _active_tasks}: reports one node, which runs all tasks. */
@Controller
final class ClusterController {

  private final ActiveTasks tasks;

  ClusterController(ActiveTasks tasks) {
    this.tasks = tasks;
  }

  @RequiresServer(ServerAction.ADMINISTER)
  @GetMapping("/_membership")
  void membership(HttpServletResponse response) throws IOException {
    JsonBuffer out = new JsonBuffer().raw("{\"all_nodes\":[").string(Node.NAME);
    Responses.json(response, 200, out.raw("],\"cluster_nodes\":[").string(Node.NAME).raw("]}"));
  }

  @RequiresServer(ServerAction.ADMINISTER)
  @GetMapping("/_active_tasks")
  void activeTasks(HttpServletResponse response) throws IOException {
    JsonStream stream = new JsonStream(response, 200);
    JsonBuffer out = stream.buffer().raw('[');
    boolean first = true;
    for (ActiveTasks.Task task : tasks.list()) {
      out.raw(first ? "" : ",").raw("{\"node\":").string(Node.NAME);
      first = false;
      out.raw(",\"pid\":\"<0.").number(task.number()).raw(".0>\"");
      out.raw(",\"process_status\":\"running\",\"changes_done\":").number(task.changesDone());
      out.raw(",\"database\":").string(task.database());
      task.members().forEach((name, value) -> out.raw(',').string(name).raw(':').string(value));
      out.raw(",\"progress\":").number(task.progress());
      out.raw(",\"started_on\":").number(task.startedOn());
      out.raw(",\"total_changes\":").number(task.totalChanges());
      out.raw(",\"type\":").string(task.type());
      out.raw(",\"updated_on\":").number(task.updatedOn()).raw('}');
      stream.checkpoint();
    }
    out.raw("]\n");
    stream.end();
  }
}
