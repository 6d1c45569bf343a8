// Lighthouse, which says how a page's visitors fare, driven in the browser that the tests drive.

import lighthouse from "lighthouse";
import desk from "lighthouse/core/config/desktop-config.js";
import { startBrowser } from "./chromium.mjs";
import { freePort } from "./hosts.mjs";

/**
 * Loads a page once, in a browser of its own with nothing kept, as Lighthouse's phone on a slow line, or at its desk. Gives the scores of these
 * categories, of 100, the names of audits that are below full marks, the origins that were asked for anything, and the paths of all that
 * was loaded, also in its frames.
 */
export async function audit(url, categories, { isDesk = false } = {}) {
  const port = await freePort();
  const browser = await startBrowser([`--remote-debugging-port=${port}`]);
  try {
    // The program's own reports of errors are off unless asked for; nothing is sent to anybody.
    const { lhr } = await lighthouse(url, { port, onlyCategories: categories, output: [], logLevel: "silent" }, isDesk ? desk : undefined);
    if (lhr.runtimeError) {
      throw new Error(`${url}: ${lhr.runtimeError.message}`);
    }
    const scores = Object.fromEntries(Object.entries(lhr.categories).map(([name, { score }]) => [name, Math.round(score * 100)]));
    const lacking = Object.values(lhr.categories).flatMap(({ auditRefs }) =>
      auditRefs.filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1).map(({ id }) => id),
    );
    const { items } = lhr.audits["network-requests"].details;
    const loaded = items.map(({ url }) => new URL(url)).filter(({ protocol }) => protocol.startsWith("http"));
    const origins = [...new Set(loaded.map(({ origin }) => origin))].sort();
    return { scores, lacking, origins, paths: loaded.map(({ pathname }) => pathname) };
  } finally {
    await browser.close();
  }
}

/** The middle one of an odd number of values. */
export const median = (values) => values.toSorted((one, other) => one - other)[(values.length - 1) / 2];
