// Chromium as the tests drive it. The flags keep it from talking to anybody but the page's own server.

import { chromium } from "playwright-core";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { env, getuid } from "node:process";

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a browser; every one has a new, empty profile. `more` are flags of this one. */
export const startBrowser = (more = []) => chromium.launch(options(more));

/**
 * Starts one with a profile in `folder`, and gives its only context. What `startBrowser` opens is private, and keeps nothing for frames of
 * other sites; this keeps it apart by the site around, as browsers do for most people.
 */
export async function startProfile(folder, more = {}) {
  await mkdir(join(folder, "Default"), { recursive: true });
  // As most people have it; some builds come with another one.
  const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
  await writeFile(join(folder, "Default", "Preferences"), JSON.stringify(preferences));
  return chromium.launchPersistentContext(folder, { ...options([]), ...more });
}

function options(more) {
  const executablePath = env.CHROMIUM;
  if (!executablePath) {
    throw new Error("CHROMIUM names no browser; `cargo xtask test` sets it");
  }
  const flags = [...FLAGS, ...more];
  // Chromium refuses to sandbox itself for root.
  const args = getuid() === 0 ? [...flags, "--no-sandbox"] : flags;
  return { executablePath, args };
}
