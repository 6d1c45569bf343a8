// axe-core on a page as it stands.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * Asserts that axe finds no violation. `what` names the page in the message; `accepted` are the rules that the page is known
 * to break, because it is not ours.
 */
export async function assertAccessible(page, what, accepted = []) {
  // Evaluated by the debugger, so that the page's own policy stays in force.
  await page.evaluate(SOURCE);
  const violations = await page.evaluate(async (accepted) => {
    const rules = Object.fromEntries(accepted.map((id) => [id, { enabled: false }]));
    const results = await globalThis.axe.run(document, { resultTypes: ["violations"], rules });
    return results.violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
    }));
  }, accepted);
  assert.deepEqual(violations, [], what);
}
