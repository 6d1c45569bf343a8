// The receiver of webhooks that the documentation shows, as an operator's own system.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../../docs/examples/webhook-receiver.mjs", import.meta.url));

/** Starts one. `settings` are a rail of the configuration, but for the assets. */
export async function startReceiver() {
  const folder = await mkdtemp(join(tmpdir(), "dripline-receiver-"));
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const child = spawn(execPath, [PROGRAM], {
    env: { PORT: "0", JOURNAL: join(folder, "journal"), PAYMENTS: join(folder, "payments"), WEBHOOK_SECRET: secret },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise((resolve) => lines.once("line", resolve));
  const url = /^listening on (.*)$/.exec(line)[1];
  return {
    secret,
    settings: `kind = "webhook", url = "${url}"`,
    /** What it has paid. */
    async payments() {
      const text = await readFile(join(folder, "payments"), "utf8").catch(() => "");
      return text.split("\n").filter(Boolean).map((payment) => JSON.parse(payment));
    },
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
