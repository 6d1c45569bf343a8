// Chromium as the tests drive it. The flags keep it from talking to anybody but the page's own server.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
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
export const startBrowser = (more = []) => chromium.launch(started(more));

/** Starts a browser with the profile of this folder, as a person's is who lets frames of others keep what is theirs. */
export async function startProfile(folder, options = {}) {
  await mkdir(join(folder, "Default"), { recursive: true });
  const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
  // Later on the browser's own are there.
  await writeFile(join(folder, "Default", "Preferences"), JSON.stringify(preferences), { flag: "wx" }).catch(() => {});
  return chromium.launchPersistentContext(folder, { ...started([]), locale: "en-GB", ...options });
}

function started(more) {
  const executablePath = env.CHROMIUM;
  if (!executablePath) {
    throw new Error("CHROMIUM names no browser; `cargo xtask test` sets it");
  }
  const flags = [...FLAGS, ...more];
  // Chromium refuses to sandbox itself for root.
  const args = getuid() === 0 ? [...flags, "--no-sandbox"] : flags;
  return { executablePath, args };
}
