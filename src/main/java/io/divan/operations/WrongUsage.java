package io.divan.operations;

/** A command was called in a way it does not know; the message says what is wrong. */
final class WrongUsage extends RuntimeException {
  WrongUsage(String message) {
    super(message);
  }
}
