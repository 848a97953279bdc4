// Runs the suites one after another in this process, so that none disturbs another's figures.
import { options } from "./options.mjs";

for (const suite of options.only) {
  await import(`./${suite}.test.mjs`);
}
