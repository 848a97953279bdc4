package io.divan.api;

import io.divan.document.Database;
import io.divan.document.maintenance.CheckListener;
import io.divan.query.index.IndexCheck;
import java.util.ArrayList;
import java.util.List;

/** What the check of a database's indexes finds. */
final class IndexProblems {

  private IndexProblems() {}

  static List<String> of(Database database) {
    List<String> problems = new ArrayList<>();
    IndexCheck.run(
        database,
        new CheckListener() {
          @Override
          public void problem(String problem) {
            problems.add(problem);
          }

          @Override
          public void uncertain(String what) {}

          @Override
          public void walked(long walked) {}
        });
    return problems;
  }
}
