import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const LEAST = 25;

/** What Maven's toolchains plug-in has found on this machine, in the file where it keeps that. */
function discovered() {
  const cache = join(homedir(), ".m2", "discovered-jdk-toolchains-cache.xml");
  const xml = existsSync(cache) ? readFileSync(cache, "utf8") : "";
  return [...xml.matchAll(/<jdkHome>([^<]+)<\/jdkHome>/g)].map((match) => match[1]);
}

function version(home) {
  const release = join(home, "release");
  if (!existsSync(release) || !existsSync(join(home, "bin", "java"))) {
    return 0;
  }
  return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, "utf8"))?.[1] ?? 0);
}

/** The `java` of a JDK 25 or newer: that of JAVA_HOME, or the one the build found. */
export function java() {
  const homes = [process.env.JAVA_HOME, process.env.JAVA25_HOME, ...discovered()].filter(Boolean);
  const home = homes.find((candidate) => version(candidate) >= LEAST);
  if (home === undefined) {
    throw new Error("found no JDK 25: install one, set JAVA_HOME to it, or use --command");
  }
  return join(home, "bin", "java");
}
