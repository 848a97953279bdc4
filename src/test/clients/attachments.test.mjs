// nano and PouchDB store, read, replace and replicate attachments.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import Nano from "nano";
import http from "pouchdb-adapter-http";
import memory from "pouchdb-adapter-memory";
import PouchCore from "pouchdb-core";
import replication from "pouchdb-replication";
import { options } from "./options.mjs";

const PouchDB = PouchCore.plugin(http).plugin(memory).plugin(replication);
const nano = Nano(options.url);
const MEGABYTE = 1_000_000;

const digest = (bytes) => `md5-${createHash("md5").update(bytes).digest("base64")}`;

async function database(t) {
  const name = `divan_clients_att_${randomBytes(4).toString("hex")}`;
  await nano.db.create(name);
  t.after(() => nano.db.destroy(name));
  return { name, db: nano.use(name), remote: new PouchDB(`${options.url}/${name}`) };
}

async function local(t) {
  const pouch = new PouchDB(`memory-${randomBytes(4).toString("hex")}`, { adapter: "memory" });
  t.after(() => pouch.destroy());
  return pouch;
}

test("attachments: nano inserts, reads and removes", async (t) => {
  const { db } = await database(t);
  for (const bytes of [0, 1, 64_000, 64_001, 3 * MEGABYTE + 1].map((n) => randomBytes(n))) {
    const id = `d${bytes.length}`;
    const { rev } = await db.attachment.insert(id, "pic/ä b.png", bytes, "image/png");
    assert.deepEqual(await db.attachment.get(id, "pic/ä b.png"), bytes);
    const doc = await db.get(id);
    assert.deepEqual(doc._attachments["pic/ä b.png"], {
      content_type: "image/png", revpos: 1, digest: digest(bytes), length: bytes.length, stub: true,
    });
    await db.attachment.destroy(id, "pic/ä b.png", { rev });
    await assert.rejects(db.attachment.get(id, "pic/ä b.png"), { statusCode: 404 });
  }
});

test("attachments: nano streams and uses multipart", async (t) => {
  const { db } = await database(t);
  const bytes = randomBytes(5 * MEGABYTE);
  const from = new PassThrough();
  from.end(bytes);
  await db.attachment.insert("s", "x", from, "application/octet-stream");
  const parts = [];
  await pipeline(db.attachment.getAsStream("s", "x"), async (source) => {
    for await (const part of source) {
      parts.push(part);
    }
  });
  assert.ok(Buffer.concat(parts).equals(bytes));
  const files = [
    { name: "text.txt", data: "Grüße", content_type: "text/plain" },
    { name: "data.bin", data: randomBytes(100_000), content_type: "image/png" },
  ];
  await db.multipart.insert({ title: "two" }, files, "m");
  assert.equal((await db.attachment.get("m", "text.txt")).toString(), "Grüße");
  assert.deepEqual(await db.attachment.get("m", "data.bin"), files[1].data);
  assert.equal((await db.get("m")).title, "two");
  assert.match((await db.multipart.get("m")).toString("latin1"), /"follows":true/);
});

test("attachments: PouchDB puts, lists and replaces", async (t) => {
  const { remote } = await database(t);
  const png = randomBytes(70_000);
  await remote.put({
    _id: "a",
    _attachments: {
      "t.txt": { content_type: "text/plain", data: Buffer.from("This is a base64 encoded text") },
      "p.png": { content_type: "image/png", data: png },
    },
  });
  const read = await remote.get("a", { attachments: true, binary: true });
  assert.ok(read._attachments["p.png"].data.equals(png));
  assert.equal(read._attachments["t.txt"].digest, "md5-qUUYqS41RhwF0TrCsTAxFg==");
  const { rev } = await remote.putAttachment("a", "p.png", read._rev, Buffer.from("new"), "image/png");
  assert.equal((await remote.getAttachment("a", "p.png")).toString(), "new");
  assert.ok((await remote.getAttachment("a", "p.png", { rev: read._rev })).equals(png));
  const all = await remote.allDocs({ include_docs: true, attachments: true });
  assert.equal(all.rows[0].doc._attachments["p.png"].data, Buffer.from("new").toString("base64"));
  const changes = await remote.changes({ include_docs: true, attachments: true });
  assert.equal(changes.results[0].doc._attachments["t.txt"].revpos, 1);
  await remote.removeAttachment("a", "p.png", rev);
  assert.deepEqual(Object.keys((await remote.get("a"))._attachments), ["t.txt"]);
  await assert.rejects(
      remote.put({ _id: "b", _attachments: { x: { stub: true, digest: "md5-x", revpos: 1 } } }),
      (failure) => failure.status === 412 || failure.status === 400);
});

test("attachments: PouchDB replicates both ways", async (t) => {
  const { remote } = await database(t);
  const one = await local(t);
  const shared = randomBytes(200_000);
  for (let i = 0; i < 30; i++) {
    await one.put({
      _id: `d${i}`,
      n: i,
      _attachments: {
        shared: { content_type: "image/png", data: shared },
        own: { content_type: "text/plain", data: Buffer.from(`own ${i} ${"x".repeat(i * 100)}`) },
      },
    });
  }
  await one.replicate.to(remote);
  const doc = await remote.get("d7");
  await remote.put({ ...doc, edited: true });
  await remote.putAttachment("d8", "more", (await remote.get("d8"))._rev, randomBytes(99_999), "image/png");
  const two = await local(t);
  await two.replicate.from(remote);
  await one.replicate.from(remote);
  for (const pouch of [one, two]) {
    for (let i = 0; i < 30; i++) {
      const read = await pouch.get(`d${i}`, { attachments: true, binary: true });
      assert.ok(read._attachments.shared.data.equals(shared));
      assert.equal(read._attachments.own.data.toString(), `own ${i} ${"x".repeat(i * 100)}`);
    }
    assert.equal((await pouch.get("d7")).edited, true);
    assert.equal((await pouch.get("d8"))._attachments.more.length, 99_999);
  }
});
