/** Tests of the Helm chart in {@code helm/divan}. They need neither a cluster nor a network. */
package io.divan.chart;
