import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const LEAST = 25;

function children(directory, below = "") {
  return existsSync(directory)
    ? readdirSync(directory).map((name) => join(directory, name, below))
    : [];
}

function version(home) {
  const release = join(home, "release");
  if (!existsSync(release) || !existsSync(join(home, "bin", "java"))) {
    return 0;
  }
  return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, "utf8"))?.[1] ?? 0);
}

/**
 * The `java` of a JDK 25 or newer, looked for where Maven's toolchains plug-in looks: JAVA_HOME,
 * JAVA25_HOME, and where installers and version managers put JDKs.
 */
export function java() {
  const homes = [
    ...[process.env.JAVA_HOME, process.env.JAVA25_HOME].filter(Boolean),
    ...children("/usr/lib/jvm"),
    ...children("/Library/Java/JavaVirtualMachines", "Contents/Home"),
    ...children(join(homedir(), ".sdkman/candidates/java")),
    ...children(join(homedir(), ".jdks")),
    ...children(join(homedir(), ".asdf/installs/java")),
  ];
  const home = homes.find((candidate) => version(candidate) >= LEAST);
  if (home === undefined) {
    throw new Error("found no JDK 25: install one, set JAVA_HOME to it, or use --command");
  }
  return join(home, "bin", "java");
}
