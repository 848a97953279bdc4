import { randomBytes } from "node:crypto";

/** How long a single request may take; a feed's reader sets its own limit. */
const REQUEST_MILLIS = 120_000;

/**
 * A CouchDB-compatible server at a URL, which may carry credentials. Each concurrent call uses a
 * connection of its own.
 */
export class Server {
  constructor(url) {
    const parsed = new URL(url);
    this.credentials = parsed.username
      ? `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`
      : "";
    this.url = url;
    this.origin = parsed.origin;
  }

  headers() {
    return this.credentials
      ? { Authorization: `Basic ${Buffer.from(this.credentials).toString("base64")}` }
      : {};
  }

  /** Sends a request and returns its status and its JSON, whatever the status. */
  async ask(method, path, body) {
    const answer = await fetch(this.origin + path, {
      method,
      headers: {
        ...this.headers(),
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_MILLIS),
    });
    const text = await answer.text();
    return { status: answer.status, json: text === "" ? null : JSON.parse(text) };
  }

  /** Sends a request and returns its JSON; fails unless the status is 2xx. */
  async json(method, path, body) {
    const { status, json } = await this.ask(method, path, body);
    if (status < 200 || status > 299) {
      throw new Error(`${method} ${path} answered ${status} ${JSON.stringify(json)}`);
    }
    return json;
  }

  /** The rows of a continuous feed as they arrive; heartbeats are skipped. */
  async *continuous(path, limitMillis) {
    const stop = new AbortController();
    const answer = await fetch(this.origin + path, {
      headers: this.headers(),
      signal: AbortSignal.any([stop.signal, AbortSignal.timeout(limitMillis)]),
    });
    if (answer.status !== 200) {
      throw new Error(`GET ${path} answered ${answer.status} ${await answer.text()}`);
    }
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for await (const chunk of answer.body) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop();
        for (const line of lines) {
          if (line !== "") {
            yield JSON.parse(line);
          }
        }
      }
    } finally {
      stop.abort();
    }
  }

  /** Creates an empty database that is deleted at the end of the test; returns its path. */
  async database(t, name) {
    const path = `/divan_clients_${name}_${randomBytes(4).toString("hex")}`;
    await this.json("PUT", path);
    t.after(() => this.json("DELETE", path));
    return path;
  }
}
