// What the journeys of one file need: a server of their own and a browser, from before the first test until after the last.

import { after, before } from "node:test";
import assert from "node:assert/strict";
import { startBrowser } from "./chromium.mjs";
import { gamesOf } from "./games.mjs";
import { startServer } from "./server.mjs";

/** The server of this file, while its tests run. */
export let server;
/** The browser of this file, while its tests run. */
export let browser;
/** The ids of its games, each once, in the order of the catalog. */
export let games;

/**
 * Has both started before the tests of the calling file, and ended after them. `flags` are for the browser, `variables` for
 * the server's environment, or give it from its port, which `port` gives where it matters, and `more` gives further arguments of it;
 * `prepare` is what else has to happen before the first test, and `end` after the last.
 */
export function provide({
  flags = [],
  variables = {},
  more = async () => [],
  port = async () => 0,
  prepare = async () => {},
  end = async () => {},
} = {}) {
  before(async () => {
    const wanted = await port();
    const environment = typeof variables === "function" ? await variables(wanted) : variables;
    server = await startServer(environment, { wanted, more: await more() });
    games = await gamesOf(server.origin);
    browser = await startBrowser(flags);
    await prepare();
  });
  after(async () => {
    await browser?.close();
    const code = await server?.stop();
    await end();
    assert.equal(code, 0, "the server ends in order");
  });
}
