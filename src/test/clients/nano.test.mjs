// nano uses the service as an application does: documents, batches, lists, feeds and errors.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import Nano from "nano";
import { options } from "./options.mjs";

const nano = Nano(options.url);

async function database(t) {
  const name = `divan_clients_nano_${randomBytes(4).toString("hex")}`;
  assert.deepEqual(await nano.db.create(name), { ok: true });
  t.after(() => nano.db.destroy(name));
  return nano.use(name);
}

function refused(status, error, reason) {
  return (failure) => {
    assert.deepEqual([failure.statusCode, failure.error, failure.reason], [status, error, reason]);
    return true;
  };
}

test("nano: the server and its databases", async (t) => {
  const info = await nano.info();
  assert.equal(info.couchdb, "Welcome");
  assert.match(info.uuid, /^[0-9a-f]{32}$/);
  assert.equal((await nano.uuids(3)).uuids.length, 3);
  const db = await database(t);
  const name = db.config.db;
  assert.ok((await nano.db.list()).includes(name));
  await assert.rejects(nano.db.create(name), refused(412, "file_exists",
      "The database could not be created, the file already exists."));
  await assert.rejects(nano.db.create("Capital"), (failure) => failure.error
      === "illegal_database_name" && failure.statusCode === 400);
  assert.deepEqual([(await db.info()).db_name, (await db.info()).doc_count], [name, 0]);
  const slashed = `${name}/with+signs(1)$`;
  assert.deepEqual(await nano.db.create(slashed), { ok: true });
  t.after(() => nano.db.destroy(slashed));
  assert.equal((await nano.db.get(slashed)).db_name, slashed);
  await assert.rejects(nano.db.get(`${name}_none`),
      refused(404, "not_found", "Database does not exist."));
});

test("nano: a document is created, read, changed and deleted", async (t) => {
  const db = await database(t);
  const created = await db.insert({ name: "Oslo", people: 717710 }, "oslo");
  assert.match(created.rev, /^1-[0-9a-f]{32}$/);
  assert.deepEqual(await db.get("oslo"),
      { _id: "oslo", _rev: created.rev, name: "Oslo", people: 717710 });
  const changed = await db.insert({ _rev: created.rev, name: "Oslo", people: 717711 }, "oslo");
  assert.match(changed.rev, /^2-/);
  assert.equal((await db.get("oslo", { rev: created.rev })).people, 717710);
  assert.equal((await db.head("oslo")).etag, `"${changed.rev}"`);
  await assert.rejects(db.insert({ _rev: created.rev }, "oslo"),
      refused(409, "conflict", "Document update conflict."));
  await assert.rejects(db.insert({}, "oslo"),
      refused(409, "conflict", "Document update conflict."));
  await assert.rejects(db.destroy("oslo", created.rev),
      refused(409, "conflict", "Document update conflict."));
  const gone = await db.destroy("oslo", changed.rev);
  assert.match(gone.rev, /^3-/);
  await assert.rejects(db.get("oslo"), refused(404, "not_found", "deleted"));
  await assert.rejects(db.get("never"), refused(404, "not_found", "missing"));
  const again = await db.insert({ name: "Oslo" }, "oslo");
  assert.match(again.rev, /^4-/);
  const named = await db.insert({ name: "by the server" });
  assert.equal((await db.get(named.id)).name, "by the server");
});

test("nano: only one of many writers of a revision gets through", async (t) => {
  const db = await database(t);
  const { rev } = await db.insert({ n: 0 }, "counter");
  const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, (_, n) => db.insert({ _rev: rev, n }, "counter")));
  const won = outcomes.filter(({ status }) => status === "fulfilled");
  assert.equal(won.length, 1);
  for (const { reason } of outcomes.filter(({ status }) => status === "rejected")) {
    refused(409, "conflict", "Document update conflict.")(reason);
  }
  assert.equal((await db.get("counter", { conflicts: true }))._conflicts, undefined);
});

test("nano: ids of every kind come back as they were sent", async (t) => {
  const db = await database(t);
  const ids = [
    "a/b", "a//b/", "a+b", "a b", "a%b", "a%2Fb", "a%252Fb", "a;b", ";jsessionid=1", "a?b", "a#b",
    "a&b=c", "a\"b", "a\\b", "a:b", "a@b", "a,b", "a'b", "<a>", "{a}", "[a]", "a|b", "a^b", "a`b",
    "~", ".", "..", "a/../b", "ü", "u\u0308", "東京", "عربى", "😀", "\u{10FFFF}", "a\nb", "a\tb",
    "\u007f", "é".repeat(200), "null", "0", "-", " ", "%", "+", "a\u2028b", "\uFEFFa",
  ];
  // A path of dots alone is taken out by every URL parser, so these travel in bodies only.
  const inPaths = ids.filter((id) => !/^\.+$/.test(id));
  const revisions = new Map();
  for (const id of inPaths) {
    const answer = await db.insert({ same: id }, id);
    assert.equal(answer.id, id);
    revisions.set(id, answer.rev);
  }
  const dots = [".", ".."].map((id) => ({ _id: id, same: id }));
  (await db.bulk({ docs: dots })).forEach(({ id, rev }) => revisions.set(id, rev));
  for (const id of inPaths) {
    const expected = { _id: id, _rev: revisions.get(id), same: id };
    assert.deepEqual(await db.get(id), expected);
    assert.deepEqual(await db.get(id, { rev: expected._rev, revs: false }), expected);
    const { rows } = await db.list({ key: id, include_docs: true });
    assert.deepEqual(rows.map(({ doc }) => doc), [expected], id);
  }
  const { rows } = await db.fetch({ keys: ids });
  assert.deepEqual(rows.map(({ doc }) => [doc._id, doc._rev, doc.same]),
      ids.map((id) => [id, revisions.get(id), id]));
  const bytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  assert.deepEqual((await db.list()).rows.map(({ id }) => id), [...ids].sort(bytes));
  for (const id of inPaths) {
    await db.destroy(id, revisions.get(id));
  }
  assert.deepEqual((await db.list()).rows.map(({ id }) => id), [".", ".."]);
});

test("nano: design and local documents keep their slash", async (t) => {
  const db = await database(t);
  const design = await db.insert({ language: "javascript" }, "_design/cities");
  assert.deepEqual(await db.get("_design/cities"),
      { _id: "_design/cities", _rev: design.rev, language: "javascript" });
  const local = await db.insert({ seen: 1 }, "_local/mark");
  assert.deepEqual([local.id, local.rev], ["_local/mark", "0-1"]);
  assert.equal((await db.get("_local/mark")).seen, 1);
  assert.deepEqual((await db.list()).rows.map(({ id }) => id), ["_design/cities"]);
  await assert.rejects(db.insert({}, "_other"), (failure) => failure.statusCode === 400
      && failure.error === "illegal_docid");
});

test("nano: values come back as they were sent", async (t) => {
  const db = await database(t);
  const value = {
    zero: 0, negative: -1.5, small: 1e-7, large: 1e21, precise: 0.1 + 0.2, whole: 2 ** 53,
    empty: "", text: "\u0000\b\f\n\r\t\"\\/\u007f\u2028ü東😀", none: null, yes: true, no: false,
    list: [], object: {}, nested: [[[{ a: [{}] }]]], "": "no name", "ключ": 1,
  };
  const { rev } = await db.insert(value, "values");
  const { _id, _rev, ...found } = await db.get("values");
  assert.deepEqual([_id, _rev], ["values", rev]);
  assert.deepEqual(found, value);
  assert.deepEqual(Object.keys(found), Object.keys(value));
});

test("nano: batches and lists", async (t) => {
  const db = await database(t);
  const docs = Array.from({ length: 100 }, (_, n) =>
      ({ _id: `doc-${String(n).padStart(3, "0")}`, n }));
  const rows = await db.bulk({ docs });
  assert.deepEqual(rows.map(({ id, ok }) => [id, ok]), docs.map(({ _id }) => [_id, true]));
  const mixed = await db.bulk({ docs: [
    { _id: "doc-000", n: "stale" },
    { _id: "doc-001", _rev: rows[1].rev, _deleted: true },
    { _id: "doc-002", _rev: rows[2].rev, n: "new" },
    { _id: "twice", n: 1 },
    { _id: "twice", n: 2 },
  ] });
  assert.deepEqual(mixed.map(({ error = "ok" }) => error),
      ["conflict", "ok", "ok", "ok", "conflict"]);
  const ids = async (query) => (await db.list(query)).rows.map(({ id }) => id);
  assert.equal((await db.list()).total_rows, 100);
  assert.deepEqual(await ids({ startkey: "doc-097" }), ["doc-097", "doc-098", "doc-099", "twice"]);
  assert.deepEqual(await ids({ startkey: "doc-002", endkey: "doc-004", inclusive_end: false }),
      ["doc-002", "doc-003"]);
  assert.deepEqual(await ids({ descending: true, limit: 2, skip: 1 }), ["doc-099", "doc-098"]);
  const fetched = await db.fetch({ keys: ["doc-001", "none", "doc-002"] });
  assert.deepEqual(fetched.rows.map((row) => row.error ?? row.doc?.n ?? row.value.deleted),
      [true, "not_found", "new"]);
  await assert.rejects(db.bulk({ rows: [] }),
      refused(400, "bad_request", "POST body must include `docs` parameter."));
});

test("nano: the changes feed is followed and resumed", async (t) => {
  const db = await database(t);
  await db.bulk({ docs: Array.from({ length: 250 }, (_, n) => ({ _id: `doc-${n}` })) });
  const batches = [];
  const since = await new Promise((resolve, reject) => {
    db.changesReader.get({ batchSize: 100, since: "0", timeout: 100 })
        .on("batch", (batch) => batches.push(batch.length)).on("end", resolve).on("error", reject);
  });
  assert.deepEqual(batches, [100, 100, 50]);
  const spooled = await new Promise((resolve, reject) => {
    const rows = [];
    db.changesReader.spool({ since: "0" }).on("batch", (batch) => rows.push(...batch))
        .on("end", () => resolve(rows)).on("error", reject);
  });
  assert.equal(new Set(spooled.map(({ id }) => id)).size, 250);

  const seen = [];
  const reader = db.changesReader.start({ since, includeDocs: true, batchSize: 10 });
  const all = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`only ${seen.length} changes came`)), 10_000);
    reader.on("error", reject).on("change", ({ id, doc }) => {
      seen.push([id, doc.n]);
      if (seen.length === 20) {
        clearTimeout(late);
        resolve();
      }
    });
  });
  for (let n = 0; n < 20; n++) {
    await db.insert({ n }, `late-${n}`);
  }
  await all;
  reader.removeAllListeners("error");
  reader.on("error", () => {});
  db.changesReader.stop();
  assert.deepEqual(seen, Array.from({ length: 20 }, (_, n) => [`late-${n}`, n]));
});

test("nano: a conflict is seen and settled", async (t) => {
  const db = await database(t);
  const { rev } = await db.insert({ from: "both" }, "doc");
  const rivals = ["a", "b", "c"].map((digit) => ({
    _id: "doc", _rev: `2-${digit.repeat(32)}`, from: digit,
    _revisions: { start: 2, ids: [digit.repeat(32), rev.slice(2)] },
  }));
  assert.deepEqual(await db.bulk({ docs: rivals, new_edits: false }), []);
  const winner = await db.get("doc", { conflicts: true });
  assert.equal(winner.from, "c");
  assert.deepEqual(winner._conflicts, [rivals[1]._rev, rivals[0]._rev]);
  const open = await db.get("doc", { open_revs: "all" });
  const { changes } = (await db.changes({ style: "all_docs" })).results[0];
  assert.deepEqual(changes.map((change) => change.rev),
      [rivals[2]._rev, rivals[1]._rev, rivals[0]._rev]);
  assert.equal(open.length, 3);
  for (const loser of winner._conflicts) {
    await db.destroy("doc", loser);
  }
  const settled = await db.get("doc", { conflicts: true });
  assert.deepEqual([settled._rev, settled._conflicts], [rivals[2]._rev, undefined]);
});
