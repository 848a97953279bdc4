package io.divan.api.http;

import io.divan.security.ServerAction;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What the caller of a controller method asks of the server. */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface RequiresServer {

  /** The action, which the caller must be permitted. */
  ServerAction value();
}
