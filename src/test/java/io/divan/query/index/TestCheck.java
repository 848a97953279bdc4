package io.divan.query.index;

import io.divan.document.maintenance.CheckListener;
import java.util.ArrayList;
import java.util.List;

/** Collects what a check finds. */
final class TestCheck implements CheckListener {
  private final List<String> problems = new ArrayList<>();
  private final List<String> uncertain = new ArrayList<>();

  @Override
  public void problem(String problem) {
    problems.add(problem);
  }

  @Override
  public void uncertain(String what) {
    uncertain.add(what);
  }

  @Override
  public void walked(long rows) {}

  List<String> problems() {
    return problems;
  }

  List<String> uncertain() {
    return uncertain;
  }
}
