package io.divan.api.http;

import io.divan.document.Action;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What the caller of a controller method does with the database in the path, {@code db}. */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface RequiresDatabase {

  /** The action, which the caller must be permitted. */
  Action value();
}
