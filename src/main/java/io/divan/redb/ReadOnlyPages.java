package io.divan.redb;

/** The pages of committed states, which cannot be changed. */
record ReadOnlyPages(PagedCachedFile file) implements Pages {

  @Override
  public byte[] read(long page, Check check) {
    return file.read(page, check);
  }

  @Override
  public byte[] read(long page, Check check, byte[] spare) {
    return file.read(page, check, spare);
  }

  @Override
  public boolean isOwn(long page) {
    return false;
  }

  @Override
  public byte[] change(long page) {
    throw readOnly();
  }

  @Override
  public long allocate(long bytes) {
    throw readOnly();
  }

  @Override
  public void free(long page) {
    throw readOnly();
  }

  private static IllegalStateException readOnly() {
    return new IllegalStateException("A read transaction cannot change pages");
  }
}
