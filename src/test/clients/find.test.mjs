// nano and PouchDB create indexes, query by them in order and in pages, and delete them.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import Nano from "nano";
import http from "pouchdb-adapter-http";
import memory from "pouchdb-adapter-memory";
import PouchCore from "pouchdb-core";
import find from "pouchdb-find";
import replication from "pouchdb-replication";
import { options } from "./options.mjs";
import { Server } from "./server.mjs";

const PouchDB = PouchCore.plugin(http).plugin(memory).plugin(replication).plugin(find);
const server = new Server(options.url);
const nano = Nano(options.url);
const NO_INDEX = "No matching index found, create an index to optimize query time.";
const PEOPLE = 60;

/** Documents whose order by city and age differs from the order of their ids. */
function people() {
  return Array.from({ length: PEOPLE }, (_, n) => ({
    _id: `p${String(n).padStart(2, "0")}`,
    age: (n * 37) % 80,
    name: n % 10 === 0 ? null : `name ${PEOPLE - n}`,
    address: { city: ["Paris", "Oslo", "Québec"][n % 3] },
  }));
}

const inOrder = people().sort((a, b) =>
  a.address.city.localeCompare(b.address.city) || a.age - b.age);
const ids = (docs) => docs.map(({ _id }) => _id);

test("nano: an index orders, pages and covers", async (t) => {
  const path = await server.database(t, "find");
  const db = nano.use(path.slice(1));
  await db.bulk({ docs: people() });
  const scanned = await db.find({ selector: { "address.city": "Oslo" }, limit: PEOPLE });
  assert.equal(scanned.warning.split("\n")[0], NO_INDEX);
  assert.equal(scanned.docs.length, PEOPLE / 3);

  const index = { index: { fields: ["address.city", "age"] }, ddoc: "people", name: "city-age" };
  assert.deepEqual(await db.createIndex(index),
      { result: "created", id: "_design/people", name: "city-age" });
  assert.equal((await db.createIndex(index)).result, "exists");
  const query = {
    selector: { "address.city": { $gt: null }, age: { $gte: 0 } },
    sort: [{ "address.city": "asc" }, { age: "asc" }],
  };
  const all = await db.find({ ...query, limit: PEOPLE });
  assert.deepEqual([ids(all.docs), all.warning], [ids(inOrder), undefined]);
  const down = await db.find({ ...query, limit: 7,
    sort: [{ "address.city": "desc" }, { age: "desc" }] });
  assert.deepEqual(ids(down.docs), ids(inOrder.toReversed().slice(0, 7)));
  const skipped = await db.find({ ...query, skip: 50, limit: 7 });
  assert.deepEqual(ids(skipped.docs), ids(inOrder.slice(50, 57)));

  const paged = [];
  for (let bookmark; ;) {
    const page = await db.find({ ...query, limit: 25, bookmark });
    if (page.docs.length === 0) {
      break;
    }
    paged.push(...page.docs);
    bookmark = page.bookmark;
  }
  assert.deepEqual(paged, all.docs);

  const { docs, execution_stats } = await db.find({
    selector: { "address.city": "Paris", age: { $lt: 20 } }, fields: ["_id", "age"],
    execution_stats: true });
  assert.deepEqual(docs, inOrder.filter((p) => p.address.city === "Paris" && p.age < 20)
      .map(({ _id, age }) => ({ _id, age })));
  assert.equal(execution_stats.total_docs_examined, 0);
});

test("nano: a written document is found at once", async (t) => {
  const path = await server.database(t, "find");
  const db = nano.use(path.slice(1));
  await db.createIndex({ index: { fields: ["n"] }, name: "n" });
  let rev;
  for (let n = 0; n < 20; n++) {
    ({ rev } = await db.insert({ _rev: rev, n }, "counter"));
    assert.deepEqual((await db.find({ selector: { n }, fields: ["n"] })).docs, [{ n }]);
    assert.deepEqual((await db.find({ selector: { n: n - 1 } })).docs, []);
  }
  await db.destroy("counter", rev);
  assert.deepEqual((await db.find({ selector: { n: { $gte: 0 } } })).docs, []);
});

test("nano: a query is explained, and an index deleted", async (t) => {
  const path = await server.database(t, "find");
  const db = nano.use(path.slice(1));
  await db.bulk({ docs: people() });
  await db.createIndex({ index: { fields: ["age"] }, ddoc: "ages", name: "age" });
  const ask = (method, resource, body) => server.json(method, `${path}/${resource}`, body);
  const { index, covering, mrargs } = await ask("POST", "_explain",
      { selector: { age: { $gt: 30 } }, fields: ["age"] });
  assert.deepEqual([index.ddoc, index.name, covering, mrargs.start_key],
      ["_design/ages", "age", true, [30]]);
  assert.deepEqual((await ask("GET", "_index")).indexes.map(({ name }) => name),
      ["_all_docs", "age"]);
  assert.deepEqual(await ask("DELETE", "_index/ages/json/age"), { ok: true });
  assert.equal((await ask("GET", "_index")).total_rows, 1);
  await assert.rejects(db.find({ selector: { age: { $gt: 30 } }, sort: ["age"] }),
      (failure) => failure.statusCode === 400 && failure.error === "no_usable_index");
  await assert.rejects(db.find({ selector: { age: { $none: 1 } } }),
      (failure) => failure.statusCode === 400 && failure.error === "invalid_operator");
});

test("pouchdb: the same queries of the service and of a local copy", async (t) => {
  const path = await server.database(t, "find");
  const remote = new PouchDB(server.url + path);
  const local = new PouchDB(`memory-${randomBytes(4).toString("hex")}`, { adapter: "memory" });
  t.after(() => local.destroy());
  await remote.bulkDocs(people());
  const index = { index: { fields: ["address.city", "age"], ddoc: "people", name: "city-age" } };
  assert.equal((await remote.createIndex(index)).result, "created");
  assert.equal((await remote.createIndex({ index: { fields: ["name"], ddoc: "names" } })).result,
      "created");
  await local.replicate.from(remote);
  assert.deepEqual(ids((await local.allDocs({ startkey: "_design/", endkey: "_design0" })).rows
      .map(({ id }) => ({ _id: id }))), ["_design/names", "_design/people"]);
  for (const query of [
    { selector: { "address.city": "Oslo", age: { $gt: 40 } } },
    { selector: { "address.city": { $gte: "P" } }, sort: ["address.city", "age"], limit: 9 },
    { selector: { "address.city": { $gte: "P" } }, limit: 11, skip: 3,
      sort: [{ "address.city": "desc" }, { age: "desc" }] },
    { selector: { name: { $gt: "name 2" } }, sort: ["name"], fields: ["name"], limit: PEOPLE },
    { selector: { name: null }, limit: PEOPLE },
    { selector: { $or: [{ age: { $in: [0, 37, 74] } }, { _id: "p59" }] }, limit: PEOPLE },
    { selector: { name: { $regex: "^name 1.$" }, age: { $mod: [2, 0] } }, limit: PEOPLE },
  ]) {
    // PouchDB changes the queries that it is given
    const [here, there] = [await local.find(structuredClone(query)),
      await remote.find(structuredClone(query))];
    const order = query.sort ? (docs) => docs
      : (docs) => docs.toSorted((a, b) => (a._id < b._id ? -1 : 1));
    assert.deepEqual(order(there.docs), order(here.docs), JSON.stringify(query));
  }
  const explained = await remote.explain({ selector: { name: "name 5" } });
  assert.equal(explained.index.ddoc, "_design/names");
  const { indexes } = await remote.getIndexes();
  assert.equal(indexes.length, 3);
  assert.deepEqual(await remote.deleteIndex(indexes.find(({ name }) => name === "city-age")),
      { ok: true });
  assert.equal((await remote.getIndexes()).indexes.length, 2);
  await assert.rejects(remote.find({ selector: { age: { $gt: 1 } }, sort: ["age"] }),
      ({ status, error }) => status === 400 && error === "no_usable_index");
});
