package io.divan.storage.layer;

import io.divan.storage.Capability;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.lease.Leases;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The backends that a layer's engine can be put over.
 *
 * @param backend the layer's own backend
 * @param engine the layer's engine
 * @param layer the name that marks the layer's databases in a base
 * @param needs the capabilities that the engine needs of stores
 */
public record BaseBackends(
    String backend, String engine, String layer, List<Class<? extends Capability>> needs) {

  /**
   * Finds the base.
   *
   * @param over the name that was configured
   * @param others what {@code over} may be besides the name of a backend
   * @return empty if {@code over} is one of the others
   * @throws StorageBackend.InvalidSettings for any other name
   */
  public Optional<StorageBackend> find(
      StorageBackend.Context context, String over, String... others) {
    List<String> possible = new ArrayList<>();
    for (StorageBackend found : context.backends()) {
      if (found.isBase() && found.name().equals(over)) {
        return Optional.of(found);
      }
      if (found.isBase()) {
        possible.add(found.name());
      }
    }
    if (List.of(others).contains(over)) {
      return Optional.empty();
    }
    possible.addAll(List.of(others));
    throw new StorageBackend.InvalidSettings(
        setting() + " is \"" + over + "\", which the engine " + engine + " cannot be put over.",
        "Set " + setting() + " to one of: " + String.join(", ", possible) + ".");
  }

  private String setting() {
    return "divan.storage." + backend + ".over";
  }

  /**
   * Opens the base.
   *
   * @throws StorageBackend.InvalidSettings if its stores lack a capability
   */
  public StorageAdapter open(StorageBackend base, StorageBackend.Context context) {
    StorageAdapter opened = base.open(context.baseOf(layer));
    try {
      for (Class<? extends Capability> type : needs) {
        if (opened.system().capability(type).isEmpty()) {
          throw new StorageBackend.InvalidSettings(
              "The backend " + base.name() + " lacks the capability " + type.getSimpleName()
                  + ", which the engine " + engine + " needs.",
              "Set " + setting() + " to another backend.");
        }
      }
      return opened;
    } catch (RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  /** Whether several processes can use the base that is configured. */
  public boolean isShared(StorageBackend.Context context, String over, String... others) {
    return find(context, over, others).map(base -> base.isShared(context)).orElse(false);
  }

  /** Returns how this process holds leases in the storage of a backend. */
  public static Leases.Options leases(StorageBackend base, StorageBackend.Context context) {
    String thisProcess = ManagementFactory.getRuntimeMXBean().getName();
    return base.isShared(context)
        ? Leases.Options.shared(thisProcess)
        : Leases.Options.exclusive(thisProcess);
  }
}
