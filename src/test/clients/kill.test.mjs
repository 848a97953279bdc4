// Kills the service with SIGKILL under several writers, again and again, and looks at what is left.
//
// 1. A write that was answered is there after every later restart.
// 2. A write under way when the process died is there as a whole or not at all: a document is in
//    its last answered state or in the one asked for; a batch, one transaction, is all or nothing.
// 3. The counters of the database equal a recount, and the changes feed lists each document once.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { java } from "./jdk.mjs";
import { options } from "./options.mjs";
import { Server } from "./server.mjs";

const WRITERS = 6;
const BATCH = 20;
const START_MILLIS = 120_000;
const WRITING_MILLIS = [200, 3000];
const DATABASE = "/kill";

/** A generator of numbers in [0, 1) that `--seed` repeats (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address();
  listener.close();
  await once(listener, "close");
  return port;
}

function command(port, directory) {
  if (options.command !== "") {
    return options.command.replaceAll("{port}", port).replaceAll("{directory}", directory);
  }
  const jar = fileURLToPath(new URL("../../../target/divan.jar", import.meta.url));
  assert.ok(existsSync(jar), `build ${jar} with ./mvnw package first, or use --command`);
  return `exec '${java()}' -jar '${jar}' --server.port=${port}`
      + ` '--divan.storage.directory=${directory}'`;
}

/** A running service in a process group of its own. */
class Service {
  constructor(port, directory) {
    this.server = new Server(`http://127.0.0.1:${port}`);
    this.child = spawn("sh", ["-c", command(port, directory)],
        { detached: true, stdio: ["ignore", "pipe", "pipe"] });
    this.output = "";
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on("data", (data) => { this.output = (this.output + data).slice(-10_000); });
    }
    this.ended = new Promise((resolve) => { this.child.on("close", resolve); });
  }

  async ready() {
    const until = performance.now() + START_MILLIS;
    for (;;) {
      const answer = await this.server.ask("GET", "/_up").catch(() => ({ status: 0 }));
      if (answer.status === 200) {
        return;
      }
      if (this.child.exitCode !== null || performance.now() > until) {
        throw new Error(`the service did not start:\n${this.output}`);
      }
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }

  async kill() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      process.kill(-this.child.pid, "SIGKILL");
    }
    await this.ended;
  }
}

/** What one writer asked for and what was answered; its documents are its own. */
class Writer {
  constructor(name, next) {
    this.name = name;
    this.next = next;
    this.known = new Map(); // id → the last answered state
    this.open = new Map(); // id → a state that was asked for and not answered
    this.batches = []; // ids that were asked for together and not answered
    this.made = 0;
    this.answered = 0;
  }

  /** Writes until the connection breaks; an answer but 201 or 200 is a failure. */
  async write(server) {
    for (;;) {
      const edits = this.choose();
      this.open = new Map(edits.map((edit) => [edit.id, edit]));
      let answer;
      try {
        answer = await this.send(server, edits);
      } catch {
        if (edits.length > 1) {
          this.batches.push(edits.map(({ id }) => id));
        }
        return;
      }
      assert.ok([200, 201].includes(answer.status), JSON.stringify(answer));
      const rows = Array.isArray(answer.json) ? answer.json : [answer.json];
      rows.forEach((row, n) => {
        assert.equal(row.ok, true, JSON.stringify(row));
        this.known.set(row.id, { ...edits[n], rev: row.rev });
      });
      this.open.clear();
      this.answered += rows.length;
    }
  }

  choose() {
    const dice = this.next();
    const fresh = () => ({ id: `${this.name}-${this.made}`, n: this.made++, deleted: false });
    if (dice < 0.1) {
      return Array.from({ length: BATCH }, fresh);
    }
    const ids = [...this.known.keys()];
    if (dice < 0.5 || ids.length === 0) {
      return [fresh()];
    }
    const id = ids[Math.floor(this.next() * ids.length)];
    const { rev, deleted } = this.known.get(id);
    return [{ id, n: this.made++, deleted: !deleted && dice > 0.85, from: deleted ? "" : rev }];
  }

  send(server, edits) {
    if (edits.length > 1) {
      const docs = edits.map(({ id, n }) => ({ _id: id, n, text: "x".repeat(500) }));
      return server.ask("POST", `${DATABASE}/_bulk_docs`, { docs });
    }
    const [{ id, n, deleted, from }] = edits;
    const query = from ? `?rev=${from}` : "";
    return deleted
      ? server.ask("DELETE", `${DATABASE}/${id}${query}`)
      : server.ask("PUT", `${DATABASE}/${id}${query}`, { n, text: "x".repeat(500) });
  }

  /** Compares with what the service has now, and takes what it has as known. */
  check(found) {
    for (const batch of this.batches) {
      const there = batch.filter((id) => found.has(id)).length;
      assert.ok(there === 0 || there === batch.length, `${there} of a batch of ${batch.length}`);
    }
    this.batches = [];
    for (const [id, state] of this.known) {
      assert.ok(found.has(id), `${id} was answered and is gone`);
      if (!this.open.has(id)) {
        this.assertState(found.get(id), state);
      }
    }
    for (const [id, asked] of this.open) {
      const now = found.get(id);
      const before = this.known.get(id);
      if (now !== undefined && now.rev !== before?.rev) {
        this.assertState(now, asked);
      } else if (now !== undefined) {
        this.assertState(now, before);
      }
      if (now !== undefined) {
        this.known.set(id, { ...now });
      }
    }
    this.open.clear();
  }

  assertState(now, expected) {
    assert.equal(now.deleted, expected.deleted, expected.id);
    if (expected.rev !== undefined) {
      assert.equal(now.rev, expected.rev, expected.id);
    }
    if (!expected.deleted) {
      assert.equal(now.n, expected.n, expected.id);
    }
  }
}

/** Every document by id; checks on the way that all indexes and counters agree. */
async function recount(server) {
  const feed = await server.json("GET", `${DATABASE}/_changes?include_docs=true&style=all_docs`);
  const found = new Map();
  for (const { id, changes, deleted = false, doc } of feed.results) {
    assert.ok(!found.has(id), `${id} stands in the feed twice`);
    assert.equal(changes.length, 1, `${id} has two leaves`);
    assert.equal(doc._rev, changes[0].rev, id);
    found.set(id, { id, rev: doc._rev, deleted, n: doc.n });
  }
  const living = [...found.values()].filter(({ deleted }) => !deleted);
  const info = await server.json("GET", DATABASE);
  assert.deepEqual([info.doc_count, info.doc_del_count],
      [living.length, found.size - living.length]);
  assert.equal(info.update_seq, feed.last_seq);
  const list = await server.json("GET", `${DATABASE}/_all_docs`);
  assert.equal(list.total_rows, living.length);
  assert.deepEqual(list.rows.map(({ id, value }) => [id, value.rev]),
      living.map(({ id, rev }) => [id, rev]).sort(([a], [b]) => (a < b ? -1 : 1)));
  return found;
}

test(`kill: ${options.rounds} rounds, --seed ${options.seed}`, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "divan-kill-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const next = random(options.seed);
  const port = await freePort();
  const writers = Array.from({ length: WRITERS }, (_, n) =>
      new Writer(`w${n}`, random(options.seed + n + 1)));
  let service = new Service(port, directory);
  t.after(() => service.kill());
  await service.ready();
  await service.server.json("PUT", DATABASE);
  for (let round = 1; round <= options.rounds; round++) {
    const before = writers.reduce((sum, { answered }) => sum + answered, 0);
    const writing = Promise.all(writers.map((writer) => writer.write(service.server)));
    const [shortest, longest] = WRITING_MILLIS;
    const pause = shortest + next() * (longest - shortest);
    const early = await Promise.race([
      writing.then(() => "stopped"),
      new Promise((resolve) => { setTimeout(resolve, pause, "still writing"); }),
    ]);
    assert.equal(early, "still writing", `the writers stopped by themselves\n${service.output}`);
    await service.kill();
    await writing;
    const answered = writers.reduce((sum, writer) => sum + writer.answered, 0) - before;
    assert.ok(answered > 0, "nothing was written before the kill");
    const start = performance.now();
    service = new Service(port, directory);
    await service.ready();
    const seconds = (performance.now() - start) / 1000;
    const found = await recount(service.server);
    writers.forEach((writer) => writer.check(found));
    t.diagnostic(`round ${round}: ${answered} writes answered, killed, ready again after `
        + `${seconds.toFixed(1)} s, ${found.size} documents compared`);
  }
});
