package io.divan;

/** The mark that passwords, keys and tokens of tests contain, so that a leak is recognised. */
public final class Secrets {

  /** Part of every secret of the tests that is long enough to be recognised. */
  public static final String MARK = "5ecret";

  private Secrets() {}
}
