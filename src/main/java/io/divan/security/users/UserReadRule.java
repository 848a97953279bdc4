package io.divan.security.users;

import io.divan.document.DocumentIds;
import io.divan.document.Principal;
import io.divan.document.ReadRule;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What readers of {@code _users} see: their own document, and the public fields of others. Only
 * administrators see design documents.
 *
 * @param publicFields the members of user documents that everyone sees who may use the database
 */
record UserReadRule(Supplier<Set<String>> publicFields) implements ReadRule {
  private static final View WHOLE = new View.Whole();
  private static final View HIDDEN = new View.Hidden();
  private static final View DESIGN =
      new View.Refused("Only administrators can view design docs in the users database.");

  @Override
  public View view(String id, Principal principal, boolean administrator) {
    if (administrator) {
      return WHOLE;
    }
    if (DocumentIds.isDesign(id)) {
      return DESIGN;
    }
    Optional<String> owner = UserIds.name(id);
    if (owner.isPresent() && owner.equals(principal.name())) {
      return WHOLE;
    }
    Set<String> names = publicFields.get();
    return names.isEmpty() ? HIDDEN : new View.Members(names);
  }
}
