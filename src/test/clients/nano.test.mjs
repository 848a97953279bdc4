// nano uses the service as an application does: documents, batches, lists, feeds and errors.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
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

/** The text of a stream of nano's until `enough` of it has come; the stream is closed then. */
async function textOf(stream, enough) {
  let text = "";
  const late = setTimeout(() => stream.destroy(new Error(`only came: ${text}`)), 10_000);
  try {
    for await (const chunk of stream) {
      text += chunk;
      if (enough(text)) {
        break;
      }
    }
  } finally {
    clearTimeout(late);
  }
  return text;
}

/** Asks again until `done` holds for the answer; fails after ten seconds. */
async function until(ask, done) {
  const end = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (done(answer)) {
      return answer;
    }
    assert.ok(performance.now() < end, JSON.stringify(answer));
    await delay(20);
  }
}

test("nano: all documents are paged through in both directions", async (t) => {
  const db = await database(t);
  const ids = Array.from({ length: 95 }, (_, n) => `doc-${String(n).padStart(3, "0")}`);
  await db.bulk({ docs: ids.map((_id, n) => ({ _id, n })) });
  for (const descending of [false, true]) {
    const wanted = descending ? [...ids].reverse() : ids;
    const seen = [];
    for (let start = {}; start !== undefined;) {
      const { total_rows, offset, rows } = await db.list(
          { limit: 11, descending, include_docs: true, ...start });
      assert.deepEqual([total_rows, offset], [95, seen.length]);
      seen.push(...rows.slice(0, 10).map(({ id, doc }) => [id, doc.n]));
      start = rows.length > 10 ? { startkey: rows[10].id } : undefined;
    }
    assert.deepEqual(seen, wanted.map((id) => [id, Number(id.slice(4))]));
  }
  const text = await textOf(db.listAsStream({ limit: 2 }), (sofar) => sofar.endsWith("]}\n"));
  assert.deepEqual(JSON.parse(text).rows.map(({ id }) => id), ids.slice(0, 2));
  const { results } = await nano.request({ db: db.config.db, path: "_all_docs/queries",
    method: "POST", body: { queries: [{ keys: ["doc-007", "none"] }, { limit: 1, skip: 94 }] } });
  assert.deepEqual(results.map(({ rows }) => rows.map(({ key, error }) => error ?? key)),
      [["doc-007", "not_found"], ["doc-094"]]);
  const names = (await nano.request({ path: "_all_dbs",
    qs: { startkey: db.config.db, endkey: db.config.db } }));
  assert.deepEqual(names, [db.config.db]);
  const [{ key, info }] = await nano.request({ path: "_dbs_info", method: "POST",
    body: { keys: [db.config.db] } });
  assert.deepEqual([key, info.doc_count], [db.config.db, 95]);
});

test("nano: design and local documents are listed apart", async (t) => {
  const db = await database(t);
  await db.bulk({ docs: ["a", "_design/one", "_design/two", "z"].map((_id) => ({ _id })) });
  await db.insert({}, "_local/mark");
  const ids = async (path, qs) => (await nano.request({ db: db.config.db, path, qs }))
      .rows.map(({ id }) => id);
  assert.deepEqual(await ids("_design_docs"), ["_design/one", "_design/two"]);
  assert.deepEqual(await ids("_design_docs", { startkey: "_design/p" }), ["_design/two"]);
  assert.deepEqual(await ids("_design_docs", { descending: true, limit: 1 }), ["_design/two"]);
  assert.deepEqual(await ids("_local_docs"), ["_local/mark"]);
  assert.deepEqual((await db.list()).rows.map(({ id }) => id),
      ["_design/one", "_design/two", "a", "z"]);
});

test("nano: changes pass filters and selectors", async (t) => {
  const db = await database(t);
  await db.bulk({ docs: [
    { _id: "paris", country: "FR", people: 2102650 },
    { _id: "lyon", country: "FR", people: 522250 },
    { _id: "oslo", country: "NO", people: 717710 }, { _id: "_design/d" },
  ] });
  await db.destroy("oslo", (await db.get("oslo"))._rev);
  const ids = (results) => results.map(({ id }) => id).sort();
  const posted = (qs, body) => nano.request(
      { db: db.config.db, path: "_changes", method: "POST", qs, body });
  assert.deepEqual(ids((await db.changes({ filter: "_design" })).results), ["_design/d"]);
  assert.deepEqual(ids((await posted({ filter: "_doc_ids" }, { doc_ids: ["oslo", "lyon"] }))
      .results), ["lyon", "oslo"]);
  assert.deepEqual(ids((await db.changes({ filter: "_doc_ids", doc_ids: '["paris"]' })).results),
      ["paris"]);
  const large = { country: { $in: ["FR", "NO"] }, people: { $gt: 1_000_000 } };
  const { results } = await posted({ filter: "_selector", include_docs: true },
      { selector: large });
  assert.deepEqual(results.map(({ doc }) => [doc._id, doc.people]), [["paris", 2102650]]);
  await assert.rejects(posted({ filter: "_selector" }, { selector: { a: { $none: 1 } } }),
      (failure) => failure.statusCode === 400);

  const found = await new Promise((resolve, reject) => {
    const rows = [];
    db.changesReader.get({ since: "0", selector: large, timeout: 100 })
        .on("batch", (batch) => rows.push(...batch)).on("end", () => resolve(rows))
        .on("error", reject);
  });
  assert.deepEqual(ids(found), ["paris"]);
  const longpoll = posted({ feed: "longpoll", since: "now", filter: "_selector", timeout: 10_000 },
      { selector: large });
  await db.insert({ country: "FR", people: 1 }, "small");
  await db.insert({ country: "FR", people: 2_000_000 }, "large");
  assert.deepEqual(ids((await longpoll).results), ["large"]);
});

test("nano: live feeds tell of changes, as lines and as events", async (t) => {
  const db = await database(t);
  for (const [feed, ends] of [
    ["continuous", (text) => /"after"[^]*\n/.test(text)],
    ["eventsource", (text) => /\nid: [^]*\n\n/.test(text)],
  ]) {
    const { last_seq: since } = await db.changes();
    const text = textOf(db.changesAsStream(
        { feed, since, heartbeat: 1000, filter: "_doc_ids", doc_ids: '["after"]' }), ends);
    await db.insert({}, `other-${feed}`);
    const { _rev } = await db.get("after").catch(() => ({}));
    const { rev } = await db.insert({ _rev, feed }, "after");
    // What stands behind `start`; a heartbeat is an event whose data is empty.
    const lines = (await text).split("\n");
    const told = (start) => JSON.parse(
        lines.find((line) => line.startsWith(start) && line.length > start.length)
            .slice(start.length));
    const row = told(feed === "continuous" ? "" : "data: ");
    assert.deepEqual([row.id, row.changes], ["after", [{ rev }]]);
    if (feed === "eventsource") {
      assert.equal(told("id: "), row.seq);
    }
  }
});

test("nano: a purged revision is as if it had never been", async (t) => {
  const db = await database(t);
  const { rev } = await db.insert({ n: 1 }, "gone");
  await db.insert({ n: 1 }, "stays");
  const purged = await nano.request({ db: db.config.db, path: "_purge", method: "POST",
    body: { gone: [rev, `5-${"f".repeat(32)}`], never: [rev] } });
  assert.deepEqual(purged, { purge_seq: null, purged: { gone: [rev], never: [] } });
  await assert.rejects(db.get("gone"), refused(404, "not_found", "missing"));
  assert.deepEqual((await db.changes()).results.map(({ id }) => id), ["stays"]);
  const { doc_count, doc_del_count } = await db.info();
  assert.deepEqual([doc_count, doc_del_count], [1, 0]);
  const { purged_infos } = await nano.request({ db: db.config.db, path: "_purged_infos" });
  assert.deepEqual(purged_infos.find(({ id }) => id === "gone").revs.includes(rev), true);
  const again = await db.insert({ n: 2 }, "gone");
  assert.match(again.rev, /^1-/);
});

test("nano: compaction removes what is no leaf", async (t) => {
  const db = await database(t);
  const first = await db.insert({ n: 1 }, "doc");
  const second = await db.insert({ _rev: first.rev, n: 2 }, "doc");
  assert.equal((await db.get("doc", { rev: first.rev })).n, 1);
  assert.deepEqual(await db.compact(), { ok: true });
  await until(() => db.info(), ({ compact_running }) => !compact_running);
  await assert.rejects(until(() => db.get("doc", { rev: first.rev }), () => false),
      refused(404, "not_found", "missing"));
  const { _revs_info, n } = await db.get("doc", { revs_info: true });
  assert.deepEqual([n, _revs_info], [2,
    [{ rev: second.rev, status: "available" }, { rev: first.rev, status: "missing" }]]);
  assert.deepEqual(
      await nano.request({ db: db.config.db, path: "_view_cleanup", method: "POST", body: {} }),
      { ok: true });
});

test("nano: settings of a database are kept", async (t) => {
  const db = await database(t);
  const setting = (path, method, body) => nano.request({ db: db.config.db, path, method, body });
  const security = { admins: { names: ["zoé"], roles: [] }, members: { names: [], roles: ["r"] } };
  assert.deepEqual(await setting("_security", "PUT", security), { ok: true });
  assert.deepEqual(await setting("_security", "GET"), security);
  assert.equal(await setting("_revs_limit", "GET"), 1000);
  assert.deepEqual(await setting("_revs_limit", "PUT", 2), { ok: true });
  let rev;
  for (let n = 0; n < 4; n++) {
    ({ rev } = await db.insert({ _rev: rev, n }, "doc"));
  }
  const { _revisions } = await db.get("doc", { revs: true });
  assert.deepEqual([_revisions.start, _revisions.ids.length], [4, 2]);
  assert.deepEqual(await setting("_purged_infos_limit", "PUT", 10), { ok: true });
  assert.equal(await setting("_purged_infos_limit", "GET"), 10);
});

test("nano: a destroyed database is gone with all that was in it", async (t) => {
  const db = await database(t);
  const name = `${db.config.db}_again`;
  for (let n = 0; n < 2; n++) {
    await nano.db.create(name);
    assert.equal((await nano.db.get(name)).doc_count, 0);
    await nano.use(name).insert({}, "doc");
    await nano.use(name).insert({}, "_local/mark");
    assert.deepEqual(await nano.db.destroy(name), { ok: true });
    await assert.rejects(nano.use(name).get("doc"),
        refused(404, "not_found", "Database does not exist."));
  }
  await assert.rejects(nano.db.destroy(name),
      refused(404, "not_found", "Database does not exist."));
});
