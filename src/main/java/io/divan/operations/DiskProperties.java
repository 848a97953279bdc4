package io.divan.operations;

import io.divan.configuration.InvalidProperty;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The free space of disks that health reports.
 *
 * @param warnBelow the free space below which health is {@code WARNING}
 * @param criticalBelow the free space below which health is {@code DOWN}; readiness ignores it
 */
@ConfigurationProperties("divan.disk")
record DiskProperties(
    @DefaultValue("1GB") DataSize warnBelow, @DefaultValue("100MB") DataSize criticalBelow) {

  DiskProperties {
    if (criticalBelow.compareTo(warnBelow) > 0) {
      throw new InvalidProperty("divan.disk.critical-below", "must not exceed warn-below");
    }
  }
}
