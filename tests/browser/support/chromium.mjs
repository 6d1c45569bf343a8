// Chromium as the tests drive it. The flags keep it from talking to anybody but the page's own server.

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
export async function startBrowser(more = []) {
  const executablePath = env.CHROMIUM;
  if (!executablePath) {
    throw new Error("CHROMIUM names no browser; `cargo xtask test` sets it");
  }
  const flags = [...FLAGS, ...more];
  // Chromium refuses to sandbox itself for root.
  const args = getuid() === 0 ? [...flags, "--no-sandbox"] : flags;
  return chromium.launch({ executablePath, args });
}
