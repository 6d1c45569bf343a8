// The faucet, as the program asks it. Whatever is asked may be asked twice: what changes something has an id of ours.

/** How long an answer may take, in milliseconds. */
const PATIENCE_MS = 8_000;
const TRIES = 3;

/** Why something was not done: a code, words of the faucet's where it gave some, and until when it will be so. */
export class Failed extends Error {
  constructor(code, detail, until) {
    super(detail ?? code);
    this.code = code;
    this.detail = detail;
    this.until = until;
  }
}

/** Asks for what is at this address, or posts this body there. */
export async function ask(path, body) {
  const init = { credentials: "omit", cache: "no-store", headers: { accept: "application/json" } };
  if (body !== undefined) {
    Object.assign(init, { method: "POST", body: JSON.stringify(body) });
    init.headers["content-type"] = "application/json";
  }
  for (let tries = 1; ; tries += 1) {
    try {
      return await once(path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch (error) {
      if (error.code !== "network" || tries === TRIES) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, tries * 400));
    }
  }
}

async function once(path, init) {
  let answer, text;
  try {
    answer = await fetch(path, init);
    text = await answer.text();
  } catch {
    throw new Failed("network");
  }
  let told;
  try {
    told = text && JSON.parse(text);
  } catch {
    // No answer of the faucet's: somebody stands between.
    throw new Failed("network");
  }
  if (!answer.ok) {
    const until = Math.max(0, ...(told.reasons ?? []).map((reason) => reason.until_ms ?? 0));
    throw new Failed(told.code ?? "network", told.detail, until || undefined);
  }
  return told;
}

/** What of the faucet every statement needs: its fingerprint, its assets and its clock, which `now` tells by. */
export async function faucet() {
  const { faucet, assets, server_time_ms: there } = await ask("/api/v1/catalog");
  const ahead = there - performance.now();
  return { faucet, assets, now: () => Math.round(performance.now() + ahead) };
}
