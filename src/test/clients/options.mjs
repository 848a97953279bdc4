import { parseArgs } from "node:util";

export const SUITES = ["cities", "pouchdb", "nano", "find", "attachments", "kill"];

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:5984" },
    only: { type: "string", default: SUITES.join(",") },
    rounds: { type: "string", default: "5" },
    command: { type: "string", default: "" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});

function whole(name, text, least) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least) {
    throw new Error(`--${name} is "${text}", which is no whole number from ${least} on`);
  }
  return number;
}

/** What the command line asked for; README.md explains each. */
export const options = {
  url: values.url.replace(/\/+$/, ""),
  only: values.only.split(",").filter(Boolean),
  rounds: whole("rounds", values.rounds, 1),
  command: values.command,
  seed: whole("seed", values.seed, 0),
};

const unknown = options.only.filter((name) => !SUITES.includes(name));
if (unknown.length > 0) {
  throw new Error(`--only names ${unknown}; there are ${SUITES.join(", ")}`);
}
