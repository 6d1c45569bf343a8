// The real program, started as an operator starts it: on a free port, with a new data directory.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { env } from "node:process";

/**
 * Starts the server; `origin` is where its page is. `variables` are for its environment, and `more` are further arguments of it;
 * `wanted` is its port, where that matters; `withKey` has an API key made for it.
 */
export async function startServer({ withKey = false, ...variables } = {}, { wanted = 0, more = [] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "dripline-browser-"));
  const key = withKey ? await makeKey(folder, variables) : undefined;
  let program = await startProgram(folder, wanted, variables, more);
  const { port } = program;
  return {
    port,
    origin: `http://localhost:${port}`,
    /** What operators' programs show, if one was asked for. */
    key,
    /** The first line of its output that matches, as what matched; waits for it. */
    said: (pattern) => program.said(pattern),
    /** Ends it as a power cut does: no chance to write anything. */
    async kill() {
      program.child.kill("SIGKILL");
      await program.ended;
    },
    /** Starts it again after a kill, on the same port and data. */
    async restart() {
      program = await startProgram(folder, port, variables, more);
    },
    async stop() {
      program.child.kill("SIGTERM");
      const code = await program.ended;
      await rm(folder, { recursive: true });
      return code;
    },
  };
}

/** Makes an API key of an owner. The store is there once a server has been, and no server may be there meanwhile. */
async function makeKey(folder, variables) {
  const first = await startProgram(folder, 0, variables, []);
  first.child.kill("SIGTERM");
  await first.ended;
  const call = ["access", "make-key", "--role", "owner", "--name", "tests", "--data", join(folder, "data")];
  return execFileSync(env.DRIPLINE_BIN, call, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

async function startProgram(folder, port, variables, more) {
  const binary = env.DRIPLINE_BIN;
  if (!binary) {
    throw new Error("DRIPLINE_BIN names no program; `cargo xtask test` builds it and sets it");
  }
  // The program reads every variable of this prefix as a setting; only those given here count.
  const surroundings = Object.entries(env).filter(([name]) => !name.startsWith("DRIPLINE_"));
  const child = spawn(binary, ["serve", "--listen", `127.0.0.1:${port}`, "--data", join(folder, "data"), ...more], {
    env: { ...Object.fromEntries(surroundings), DRIPLINE_LOG_FILTER: "warn", ...variables },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const output = createInterface({ input: child.stdout });
  const lines = [];
  output.on("line", (line) => lines.push(line));
  const said = async (pattern) => {
    for (let read = 0; ; read += 1) {
      if (read === lines.length) {
        await Promise.race([
          once(output, "line"),
          ended.then((code) => Promise.reject(new Error(`the server ended with ${code}`))),
        ]);
      }
      const found = pattern.exec(lines[read]);
      if (found) {
        return found;
      }
    }
  };
  const [, heard] = await said(/^listening on http:\/\/127\.0\.0\.1:(\d+)$/);
  return { child, ended, said, port: Number(heard) };
}
