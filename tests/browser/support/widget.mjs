// A faucet and the pages of others that show its widget: each of another site, as the browser sees it.

import assert from "node:assert/strict";
import { watch } from "./visitor.mjs";

/** The faucet's name, and those of hosts: to a browser each is a site of its own. */
export const FAUCET = "faucet.localhost";
export const SHOP = "shop.localhost";

/** The names of the widget's events. */
const EVENTS = ["ready", "round", "cleared", "drip", "balance", "error", "close"];

/** The faucet's origin, as hosts name it. */
export const faucetOf = (server) => `http://${FAUCET}:${server.port}`;

/** A host's document. `head` and `body` are of that page; the loader's tag has these `attributes`, and names the file at `path`. */
export function hostPage({ faucet, head = "", body, attributes = "async", path = "/embed/v1.js" }) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A shop</title>${head}<script ${attributes} src="${faucet}${path}"></script></head><body>${body}</body></html>`;
}

/** Opens a host's page in a profile of its own. What its widgets tell is in `told()`, in order. */
export async function visitHost(browser, url, options = {}) {
  return visitHostIn(await browser.newContext({ locale: "en-GB", viewport: { width: 1000, height: 900 }, ...options }), url);
}

/** Opens a host's page in this profile. */
export async function visitHostIn(context, url) {
  await context.addInitScript((names) => {
    globalThis.told = [];
    const hear = ({ type, detail, target }) => globalThis.told.push({ type, detail, id: target.id });
    for (const name of names) {
      // They do not rise, but are heard on their way down.
      addEventListener(name, (event) => event.target.matches?.("dripline-faucet, [data-dripline-site]") && hear(event), true);
    }
  }, EVENTS);
  const page = await context.newPage();
  const noticed = watch(page);
  await page.goto(url);
  return {
    context,
    page,
    noticed,
    told: (type) => page.evaluate((type) => globalThis.told.filter((one) => !type || one.type === type), type),
    /** Waits until a widget has told of this. */
    tells: (type) => page.waitForFunction((type) => globalThis.told.find((one) => one.type === type)?.detail, type).then((it) => it.jsonValue()),
  };
}

/** The frame of a widget: the only one, or that of the widget with this id. */
export function widgetFrame(page, id) {
  const widget = id ? page.locator(`#${id}`) : page.locator("dripline-faucet");
  return widget.locator("iframe").contentFrame();
}

/** The document of a widget's frame, to look at and to play in. */
export async function widgetDocument(page, id) {
  const widget = id ? page.locator(`#${id}`) : page.locator("dripline-faucet");
  const handle = await widget.locator("iframe").elementHandle();
  return handle.contentFrame();
}

/** What a dialog asks to be pressed before anything is signed. */
export const numbersAsked = (dialog) => dialog.getByText(/^To sign, press \d, then \d\.$/);

/** Presses the numbers that a dialog asks for, as somebody does who reads it. */
export async function pressNumbers(dialog) {
  for (const number of (await numbersAsked(dialog).textContent()).match(/\d/g)) {
    await dialog.getByRole("button", { name: number, exact: true }).click();
  }
}

/** Refuses a browser that tells nothing of this kind, and would have everybody believe that there is nothing. */
async function assertTold(page, kind) {
  const kinds = await page.evaluate(() => PerformanceObserver.supportedEntryTypes);
  assert.ok(kinds.includes(kind), `the browser tells nothing of ${kind}`);
}

/** The cumulative layout shift of a page so far. */
export async function shiftOf(page) {
  await assertTold(page, "layout-shift");
  return page.evaluate(async () => {
    // What was changed last has been laid out by the second frame.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const observer = new PerformanceObserver(() => {});
    observer.observe({ type: "layout-shift", buffered: true });
    // All that has been so far is there at once: nothing has to be waited for that never comes where nothing has moved.
    const shifts = observer.takeRecords();
    observer.disconnect();
    return shifts.reduce((sum, { value }) => sum + value, 0);
  });
}

/** What goes into a host's head to have its tasks noticed that take longer than 50 ms. */
export const LONG_TASKS = `<script>globalThis.long = { told: [] };
  long.observer = new PerformanceObserver((list) => long.told.push(...list.getEntries()));
  long.observer.observe({ type: "longtask", buffered: true })</script>`;

/** The longest of these tasks so far, in milliseconds; 0 where there was none. */
export async function longestTask(page) {
  await assertTold(page, "longtask");
  return page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
    const { told, observer } = globalThis.long;
    // Also those that have ended, and that nobody has been told of yet.
    told.push(...observer.takeRecords());
    return Math.max(0, ...told.map(({ duration }) => duration));
  });
}

/** Asserts that the host's page did nothing that its policy forbids, and that nothing went wrong in it. */
export function assertQuiet(noticed) {
  assert.deepEqual(noticed.errors, []);
}

/** Registers a site as an operator's program does, and waits until it holds. Gives it with its keys. */
export async function register(server, site) {
  const answer = await fetch(`${server.origin}/admin/v1/sites`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "A shop", look: {}, ...site }),
  });
  const made = await answer.json();
  assert.ok(answer.ok, JSON.stringify(made));
  while (!(await fetch(`${server.origin}/api/v1/sites/${site.id}`)).ok) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return made;
}
