// Loads 171,075 real places, reads them back in every way a client pages through a database, and
// follows the changes feed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { options } from "./options.mjs";
import { load, places, PLACES } from "./places.mjs";
import { Server } from "./server.mjs";

const server = new Server(options.url);
const PAGE = 5000;
const FEED_MILLIS = 300_000;
const EDITS = 50;

async function rate(t, what, count, work) {
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  t.diagnostic(`${what}: ${count} in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)}/s`);
  return result;
}

function assertPlace(doc, expected, revision) {
  const { _rev, ...place } = doc;
  assert.equal(_rev, revision, expected._id);
  if (!isDeepStrictEqual(place, expected)) {
    assert.deepEqual(place, expected);
  }
}

/** All rows of `_all_docs`, page by page: the last row of a page is where the next one starts. */
async function* allPages(database, parameters) {
  let start = "";
  for (;;) {
    const page = await server.json(
        "GET", `${database}/_all_docs?limit=${PAGE + 1}${parameters}${start}`);
    assert.equal(page.total_rows, PLACES);
    yield* page.rows.slice(0, PAGE);
    if (page.rows.length <= PAGE) {
      return;
    }
    start = `&startkey=${encodeURIComponent(JSON.stringify(page.rows[PAGE].key))}`;
  }
}

async function pageThrough(database, byId, revisions, descending) {
  let count = 0;
  let previous;
  for await (const row of allPages(database, `&include_docs=true&descending=${descending}`)) {
    const id = Buffer.from(row.id);
    if (previous !== undefined) {
      assert.equal(Buffer.compare(id, previous), descending ? -1 : 1, `order at ${row.id}`);
    }
    previous = id;
    count++;
    assert.equal(row.value.rev, revisions.get(row.id), row.id);
    assertPlace(row.doc, byId.get(row.id), revisions.get(row.id));
  }
  assert.equal(count, PLACES);
}

async function pageChanges(database, revisions) {
  const seen = new Set();
  let since = "0";
  for (;;) {
    const page = await server.json("GET",
        `${database}/_changes?limit=${PAGE}&since=${encodeURIComponent(since)}`);
    for (const row of page.results) {
      assert.ok(!seen.has(row.id), `${row.id} came twice`);
      assert.deepEqual(row.changes, [{ rev: revisions.get(row.id) }], row.id);
      seen.add(row.id);
    }
    assert.equal(page.pending === 0, seen.size === PLACES, `pending ${page.pending}`);
    since = page.last_seq;
    if (page.results.length === 0) {
      break;
    }
    assert.equal(page.results.at(-1).seq, page.last_seq);
  }
  assert.equal(seen.size, PLACES);
}

/** Reads the whole feed, then sees edits and a deletion made while it is open. */
async function followChanges(t, database, byId, revisions) {
  const feed = server.continuous(
      `${database}/_changes?feed=continuous&since=0&include_docs=true&heartbeat=5000`,
      FEED_MILLIS);
  try {
    const start = performance.now();
    const seen = new Set();
    while (seen.size < PLACES) {
      const row = await next(feed);
      assert.ok(!seen.has(row.id), `${row.id} came twice`);
      seen.add(row.id);
      assertPlace(row.doc, byId.get(row.id), revisions.get(row.id));
    }
    const seconds = (performance.now() - start) / 1000;
    t.diagnostic(`continuous _changes with documents: ${Math.round(PLACES / seconds)}/s`);
    await editAndFollow(t, database, byId, revisions, feed);
  } finally {
    await feed.return();
  }
}

async function editAndFollow(t, database, byId, revisions, feed) {
  const [place] = byId.values();
  const path = `${database}/${encodeURIComponent(place._id)}`;
  let rev = revisions.get(place._id);
  const delays = [];
  for (let visits = 1; visits <= EDITS; visits++) {
    ({ rev } = await server.json("PUT", path, { ...place, visits, _rev: rev }));
    const answered = performance.now();
    const row = await next(feed);
    delays.push(performance.now() - answered);
    assert.deepEqual([row.id, row.doc._rev, row.doc.visits], [place._id, rev, visits]);
  }
  delays.sort((a, b) => a - b);
  t.diagnostic(`${EDITS} edits reached the feed after their answers: median `
      + `${delays[EDITS / 2].toFixed(1)} ms, longest ${delays.at(-1).toFixed(1)} ms`);
  assert.ok(delays.at(-1) < 1000, `an edit took ${delays.at(-1)} ms to reach the feed`);
  await server.json("DELETE", `${path}?rev=${rev}`);
  const row = await next(feed);
  assert.deepEqual([row.id, row.deleted], [place._id, true]);
}

async function next(feed) {
  const { value, done } = await feed.next();
  assert.ok(!done, "the feed ended");
  return value;
}

test("cities", async (t) => {
  const database = await server.database(t, "cities");
  const documents = places();
  const byId = new Map(documents.map((doc) => [doc._id, doc]));
  assert.equal(byId.size, PLACES);
  let revisions;

  await t.test("_bulk_docs takes every place", async (t) => {
    revisions = await rate(t, "_bulk_docs, 2 writers", PLACES,
        () => load(server, database, documents, { writers: 2 }));
    const info = await server.json("GET", database);
    assert.deepEqual([info.doc_count, info.doc_del_count], [PLACES, 0]);
  });
  await t.test("_all_docs pages through all of them", (t) =>
    rate(t, "_all_docs with documents", PLACES,
        () => pageThrough(database, byId, revisions, false)));
  await t.test("_all_docs pages through all of them backwards", (t) =>
    rate(t, "_all_docs with documents, descending", PLACES,
        () => pageThrough(database, byId, revisions, true)));
  await t.test("_changes pages through each change once", (t) =>
    rate(t, "_changes", PLACES, () => pageChanges(database, revisions)));
  await t.test("a continuous feed delivers all, then what happens next", (t) =>
    followChanges(t, database, byId, revisions));
});
