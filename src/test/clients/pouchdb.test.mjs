// PouchDB replicates real documents out of the service, back into it and live in both directions.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import http from "pouchdb-adapter-http";
import memory from "pouchdb-adapter-memory";
import PouchCore from "pouchdb-core";
import replication from "pouchdb-replication";
import { options } from "./options.mjs";
import { load, pieces, samplePlaces } from "./places.mjs";
import { Server } from "./server.mjs";

const PouchDB = PouchCore.plugin(http).plugin(memory).plugin(replication);
const server = new Server(options.url);
const DOCUMENTS = 10_000;
/** Leaves that stand beside another of their document, as `complicate` makes them. */
const RIVALS = 300;
const LIVE_MILLIS = 1000;

/** A PouchDB over HTTP that notes the method and path of each request it makes. */
function remote(path) {
  const requests = [];
  const database = new PouchDB(server.url + path, {
    fetch: (url, request) => {
      requests.push(`${request?.method ?? "GET"} ${new URL(url).pathname.slice(path.length)}`
          + new URL(url).search);
      return PouchDB.fetch(url, request);
    },
  });
  return { database, requests };
}

async function local(t) {
  const database = new PouchDB(`memory-${randomBytes(4).toString("hex")}`, { adapter: "memory" });
  t.after(() => database.destroy());
  return database;
}

/** Every leaf of every document with its body and history, as one comparable list. */
async function contents(database) {
  const { results } = await database.changes({ style: "all_docs", since: 0 });
  const wanted = results.flatMap(({ id, changes }) => changes.map(({ rev }) => ({ id, rev })));
  const leaves = [];
  for (const docs of pieces(wanted, 1000)) {
    const answer = await database.bulkGet({ docs, revs: true });
    for (const { docs: found } of answer.results) {
      assert.ok(found[0].ok, JSON.stringify(found));
      leaves.push(...found.map(({ ok }) => ok));
    }
  }
  const key = (doc) => `${doc._id}\n${doc._rev}`;
  return leaves.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

async function assertSame(left, right) {
  const [a, b] = [await contents(left), await contents(right)];
  assert.equal(a.length, b.length);
  a.forEach((doc, n) => assert.deepEqual(doc, b[n]));
  return a;
}

/**
 * Gives some documents a second revision, a tombstone, or another history that grows from the
 * first revision: for 100 edited and 200 deleted ones a rival, for 200 others their only leaf.
 */
async function complicate(database, documents, revisions) {
  const edit = (from, to, change) => documents.slice(from, to).map((doc) => change(
      { ...doc, _rev: revisions.get(doc._id) }));
  const second = edit(0, 500, (doc) => ({ ...doc, edited: "😀 \u0000 \\ \" ü" }));
  const deleted = edit(500, 700, (doc) => ({ _id: doc._id, _rev: doc._rev, _deleted: true }));
  const rows = await server.json("POST", `${database}/_bulk_docs`,
      { docs: [...second, ...deleted] });
  assert.ok(rows.every((row) => row.ok), JSON.stringify(rows.find((row) => !row.ok)));
  const conflicts = edit(400, 900, ({ _rev, ...doc }) => ({
    ...doc,
    rival: true,
    _revisions: { start: 2, ids: [randomBytes(16).toString("hex"), _rev.slice(2)] },
    _rev: undefined,
  })).map((doc) => ({ ...doc, _rev: `2-${doc._revisions.ids[0]}` }));
  assert.deepEqual(
      await server.json("POST", `${database}/_bulk_docs`, { docs: conflicts, new_edits: false }),
      []);
}

async function timed(t, what, work) {
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  t.diagnostic(`${what}: ${DOCUMENTS} documents in ${seconds.toFixed(1)} s`);
  return result;
}

test("pouchdb: 10,000 documents go out and back", async (t) => {
  const source = await server.database(t, "source");
  const target = await server.database(t, "target");
  const documents = samplePlaces(DOCUMENTS);
  await complicate(source, documents, await load(server, source, documents));
  const between = await local(t);
  const out = remote(source);
  const back = remote(target);

  const pulled = await timed(t, "out", () => between.replicate.from(out.database));
  assert.deepEqual([pulled.ok, pulled.doc_write_failures], [true, 0]);
  const pushed = await timed(t, "back", () => between.replicate.to(back.database));
  assert.deepEqual([pushed.ok, pushed.doc_write_failures], [true, 0]);
  const first = await assertSame(out.database, between);
  await assertSame(between, back.database);
  assert.equal(first.length, DOCUMENTS + RIVALS);
  assert.equal(new Set(first.map((doc) => doc._id)).size, DOCUMENTS);
  const counts = async (path) => {
    const { doc_count, doc_del_count } = await server.json("GET", path);
    return [doc_count, doc_del_count];
  };
  assert.deepEqual(await counts(source), [DOCUMENTS, 0]);
  assert.deepEqual(await counts(target), await counts(source));

  await t.test("a second replication starts from the checkpoint", async (t) => {
    for (const [name, { database, requests }, again] of [
      ["pull", out, (other) => between.replicate.from(other)],
      ["push", back, (other) => between.replicate.to(other)],
    ]) {
      requests.length = 0;
      const nothing = await again(database);
      assert.deepEqual([nothing.ok, nothing.docs_read, nothing.docs_written], [true, 0, 0]);
      t.diagnostic(`${name}: ${requests.length} requests`);
      const text = requests.join("\n");
      assert.ok(requests.length <= 6, text);
      assert.match(text, /^GET \/_local\//m);
      assert.doesNotMatch(text, /_revs_diff|_bulk_get|_bulk_docs|since=0&/);
    }
  });

  await t.test("edits in the middle travel on and back to where all came from", async () => {
    const edited = await between.get(documents[1000]._id);
    await between.put({ ...edited, edited: true });
    await between.remove(await between.get(documents[1001]._id));
    await between.put({ _id: "new/one?&+%2F", n: 1 });
    const there = await between.replicate.to(out.database);
    assert.deepEqual([there.docs_written, there.doc_write_failures], [3, 0]);
    await between.replicate.to(back.database);
    await assertSame(out.database, between);
    await assertSame(out.database, back.database);
    assert.deepEqual(await counts(source), [DOCUMENTS, 1]);
  });
});

/** The first change of the document for which `wanted` holds, with the time it arrived. */
async function arrival(database, wanted) {
  const feed = database.changes({ since: "now", live: true, include_docs: true });
  try {
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("no change arrived in 10 s")), 10_000);
      feed.on("error", reject).on("change", (change) => {
        if (wanted(change)) {
          clearTimeout(late);
          resolve();
        }
      });
    });
    return performance.now();
  } finally {
    feed.cancel();
  }
}

/** The same over the service's own continuous feed. */
async function arrivalAt(path, wanted) {
  for await (const row of server.continuous(
      `${path}/_changes?feed=continuous&since=now&include_docs=true`, 10_000)) {
    if (wanted(row)) {
      return performance.now();
    }
  }
  throw new Error("the feed ended");
}

test("pouchdb: live sync carries edits both ways within a second", async (t) => {
  const path = await server.database(t, "live");
  const here = await local(t);
  await load(server, path, samplePlaces(100));
  const sync = here.sync(remote(path).database, { live: true });
  const failed = once(sync, "error").then(([error]) => { throw error; });
  failed.catch(() => {});
  await Promise.race([once(sync, "paused"), failed]);
  const delays = { "to PouchDB": [], "to the service": [] };
  for (let n = 0; n < 10; n++) {
    const isThere = ({ id, doc }) => id === `out ${n}` && doc.n === n;
    const seenHere = arrival(here, isThere);
    await server.json("PUT", `${path}/out%20${n}`, { n });
    const put = performance.now();
    delays["to PouchDB"].push((await Promise.race([seenHere, failed])) - put);

    const isBack = ({ id, doc }) => id === `back ${n}` && doc.n === n;
    const seenThere = arrivalAt(path, isBack);
    await here.put({ _id: `back ${n}`, n });
    const written = performance.now();
    delays["to the service"].push((await Promise.race([seenThere, failed])) - written);
  }
  sync.cancel();
  for (const [way, millis] of Object.entries(delays)) {
    millis.sort((a, b) => a - b);
    t.diagnostic(`${way}: median ${Math.round(millis[5])} ms, longest ${Math.round(millis[9])} ms`);
    assert.ok(millis[9] < LIVE_MILLIS, `${way} an edit took ${millis[9]} ms`);
  }
});

test("pouchdb: conflicts and deletions made on both sides end alike", async (t) => {
  const path = await server.database(t, "both");
  const here = await local(t);
  const { database: there } = remote(path);
  const documents = samplePlaces(60);
  const ids = documents.map((doc) => doc._id);
  await load(server, path, documents);
  await here.sync(there);
  const change = async (database, id, edit) => database.put(edit(await database.get(id)));
  for (const [n, id] of ids.entries()) {
    // Of sixty, 0 to 39 are edited on both sides; of those, from 30 on one side deletes. The rest
    // is deleted on one side or on both.
    const gone = (doc) => ({ _id: doc._id, _rev: doc._rev, _deleted: true });
    await change(here, id, (doc) => (n >= 30 && n < 50 ? gone(doc) : { ...doc, here: n }));
    if (n < 40 || n >= 50) {
      await change(there, id, (doc) => (n >= 50 ? gone(doc) : { ...doc, there: n }));
    }
  }
  await here.sync(there);
  await assertSame(here, there);
  for (const [n, id] of ids.entries()) {
    const look = (database) => database.get(id, { conflicts: true })
        .catch((error) => [error.status, error.reason]);
    const [ours, theirs] = [await look(here), await look(there)];
    assert.deepEqual(theirs, ours, id);
    if (n < 30) {
      assert.equal(ours._conflicts.length, 1, id);
      assert.ok(ours._rev > ours._conflicts[0], `${id}: the higher revision wins`);
    } else if (n < 40) {
      assert.deepEqual([ours.there, ours.here, ours._conflicts], [n, undefined, undefined], id);
    } else if (n < 50) {
      assert.deepEqual(ours, [404, "deleted"], id);
    } else {
      assert.deepEqual([ours.here, ours.there, ours._conflicts], [n, undefined, undefined], id);
    }
  }
});

/** The next change for which `wanted` holds, of a feed of PouchDB that is live. */
function changeOf(feed, wanted) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("no change arrived in 10 s")), 10_000);
    feed.on("error", reject).on("change", (change) => {
      if (wanted(change)) {
        clearTimeout(late);
        resolve(change);
      }
    });
  });
}

test("pouchdb: pages, batches and lists", async (t) => {
  const { database } = remote(await server.database(t, "pages"));
  const documents = samplePlaces(120).sort((a, b) => Buffer.compare(
      Buffer.from(a._id), Buffer.from(b._id)));
  const results = await database.bulkDocs(documents);
  assert.ok(results.every(({ ok }) => ok));
  for (const descending of [false, true]) {
    const seen = [];
    for (let options = {}; ;) {
      const { total_rows, rows } = await database.allDocs(
          { limit: 50, descending, include_docs: true, ...options });
      assert.equal(total_rows, 120);
      seen.push(...rows.map(({ doc: { _rev, ...doc } }) => doc));
      if (rows.length === 0) {
        break;
      }
      options = { startkey: rows.at(-1).id, skip: 1 };
    }
    assert.deepEqual(seen, descending ? [...documents].reverse() : documents);
  }
  const { rows } = await database.allDocs({ keys: [documents[7]._id, "none"] });
  assert.deepEqual(rows.map(({ id, error }) => id ?? error), [documents[7]._id, "not_found"]);
  const edge = await database.allDocs({ startkey: documents[3]._id, endkey: documents[5]._id,
    inclusive_end: false });
  assert.deepEqual(edge.rows.map(({ id }) => id), [documents[3]._id, documents[4]._id]);

  const batch = await database.bulkDocs([documents[0], { _id: "new" },
    { _id: documents[1]._id, _rev: results[1].rev, _deleted: true }]);
  assert.deepEqual(batch.map(({ ok, name }) => ok ?? name), ["conflict", true, true]);
  const got = await database.bulkGet({ docs: [{ id: "new" }, { id: "none" }] });
  assert.deepEqual(got.results.map(({ docs: [{ ok, error }] }) => ok?._id ?? error.error),
      ["new", "not_found"]);
});

test("pouchdb: changes of some documents only, read and live", async (t) => {
  const { database } = remote(await server.database(t, "filters"));
  await database.bulkDocs([{ _id: "a", n: 1 }, { _id: "b", n: 20 }, { _id: "c", n: 30 },
    { _id: "_design/d" }]);
  const ids = async (options) =>
    (await database.changes({ since: 0, ...options })).results.map(({ id }) => id).sort();
  assert.deepEqual(await ids({ doc_ids: ["a", "c", "none"] }), ["a", "c"]);
  assert.deepEqual(await ids({ selector: { n: { $gte: 20 } } }), ["b", "c"]);
  assert.deepEqual(await ids({ filter: (doc) => doc.n < 10 }), ["a"]);
  assert.equal((await database.changes({ descending: true, limit: 1 })).results.length, 1);
  for (const [name, options] of [
    ["ids", { doc_ids: ["wanted-ids"] }], ["selector", { selector: { wanted: true } }],
  ]) {
    const feed = database.changes({ since: "now", live: true, include_docs: true, ...options });
    const all = [];
    feed.on("change", ({ id }) => all.push(id));
    const came = changeOf(feed, ({ id, doc }) => id === `wanted-${name}` && doc.wanted);
    await database.put({ _id: `other-${name}`, wanted: false });
    await database.put({ _id: `wanted-${name}`, wanted: true });
    await came;
    feed.cancel();
    assert.deepEqual(all, [`wanted-${name}`]);
  }
});

test("pouchdb: a replication takes what its filter lets pass", async (t) => {
  const { database } = remote(await server.database(t, "some"));
  const here = await local(t);
  await database.bulkDocs(Array.from({ length: 30 }, (_, n) => ({ _id: `d${n}`, n })));
  const few = await here.replicate.from(database, { doc_ids: ["d3", "d7"] });
  assert.deepEqual([few.ok, few.docs_written], [true, 2]);
  const large = await here.replicate.from(database, { selector: { n: { $gt: 24 } } });
  assert.deepEqual([large.ok, large.docs_written], [true, 5]);
  assert.deepEqual((await here.allDocs()).rows.map(({ id }) => id).sort(),
      ["d25", "d26", "d27", "d28", "d29", "d3", "d7"]);
});

test("pouchdb: live sync brings conflicts and deletions to both sides", async (t) => {
  const path = await server.database(t, "rivals");
  const there = remote(path).database;
  const here = await local(t);
  await there.bulkDocs(["edited", "deleted"].map((_id) => ({ _id, from: "both" })));
  await here.sync(there);
  for (const database of [here, there]) {
    for (const _id of ["edited", "deleted"]) {
      await database.put({ ...await database.get(_id), from: database === here });
    }
  }
  await there.remove(await there.get("deleted"));
  const sync = here.sync(there, { live: true });
  const failed = once(sync, "error").then(([error]) => { throw error; });
  failed.catch(() => {});
  await Promise.race([once(sync, "paused"), failed]);
  const settled = async () => {
    const [a, b] = [await contents(here), await contents(there)];
    return a.length === 4 && isDeepStrictEqual(a, b);
  };
  const end = performance.now() + 10_000;
  while (!(await settled())) {
    assert.ok(performance.now() < end, JSON.stringify([await contents(here),
      await contents(there)]));
    await Promise.race([failed, delay(50)]);
  }
  const winner = await there.get("edited", { conflicts: true });
  assert.equal(winner._conflicts.length, 1);
  assert.equal((await there.get("deleted")).from, true, "the edit outlives the deletion");
  const removed = arrival(here, ({ id, changes }) => id === "edited" && changes.length > 0);
  await there.remove("edited", winner._conflicts[0]);
  await Promise.race([removed, failed]);
  assert.equal((await here.get("edited", { conflicts: true }))._conflicts, undefined);
  sync.cancel();
  assert.equal((await there.get("edited", { conflicts: true }))._conflicts, undefined);
});

test("pouchdb: security, design documents, purge, compaction and destruction", async (t) => {
  const path = await server.database(t, "care");
  const { database } = remote(path);
  const ask = async (name, method = "GET", body = undefined) => {
    const answer = await database.fetch(name, { method, body: JSON.stringify(body),
      headers: new Headers({ "Content-Type": "application/json" }) });
    return answer.json();
  };
  const security = { admins: { names: [], roles: [] }, members: { names: ["a"], roles: [] } };
  assert.deepEqual(await ask("_security", "PUT", security), { ok: true });
  assert.deepEqual(await ask("_security"), security);
  await database.put({ _id: "_design/d", language: "javascript" });
  assert.deepEqual((await ask("_design_docs")).rows.map(({ id }) => id), ["_design/d"]);

  const first = await database.put({ _id: "doc", n: 1 });
  const second = await database.put({ _id: "doc", _rev: first.rev, n: 2 });
  const here = await local(t);
  await here.replicate.from(database);
  await database.compact({ interval: 20 });
  await assert.rejects(database.get("doc", { rev: first.rev }), { status: 404 });
  assert.equal((await database.get("doc")).n, 2);

  const { purged } = await ask("_purge", "POST", { doc: [second.rev] });
  assert.deepEqual(purged, { doc: [second.rev] });
  await assert.rejects(database.get("doc"), { status: 404, reason: "missing" });
  const back = await here.replicate.to(database, { checkpoint: false });
  assert.equal(back.ok, true);
  assert.equal((await database.get("doc"))._rev, second.rev, "a purge is not a deletion");

  const other = remote(`${path}_other`).database;
  assert.equal((await other.info()).doc_count, 0, "opening one creates it");
  await other.put({ _id: "doc" });
  const feed = other.changes({ since: "now", live: true });
  feed.on("error", () => {});
  assert.equal((await other.destroy()).ok, true);
  feed.cancel();
  assert.equal((await server.ask("GET", `${path}_other`)).status, 404);
});
