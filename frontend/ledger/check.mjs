// What is checked, step by step. Nothing here knows the page: `ask` asks the server, `tell` is told of each step.

import { leafHashOf, isConsistent, isIncluded } from "./tree.mjs";
import {
  areChained,
  differingLine,
  isConsistency,
  isHead,
  isHeadSigned,
  isInclusion,
  isReceiptSigned,
  wrongField,
} from "./signed.mjs";

/** The steps that show whether the log is what it says, and has only grown. */
export const LOG_STEPS = ["keys", "head", "kept"];
/** The steps that show whether a receipt is the faucet's and in the log. */
export const RECEIPT_STEPS = ["form", "faucet", "signature", "kept", "leaf", "inclusion"];
/** What the server says of what is not in the log. */
const NOT_THERE = "log_unknown";
/** How much later than was promised a leaf is missed, in milliseconds: clocks differ. */
const GRACE_MS = 60_000;

const passed = (facts = {}) => ({ state: "passed", facts });
/** It is not as it must be, and the faucet, the receipt or somebody in between is at fault. */
const failed = (why, facts = {}) => ({ state: "failed", why, facts });
/** It cannot be told now. */
const open = (why, facts = {}) => ({ state: "open", why, facts });

/** Takes the steps in order, up to the first that does not pass. Gives what each came to. */
async function take(steps, tell) {
  const results = {};
  for (const [name, step] of Object.entries(steps)) {
    tell(name, { state: "running" });
    try {
      results[name] = await step();
    } catch (error) {
      results[name] = open("unanswered", { error: error.message });
    }
    tell(name, results[name]);
    if (results[name].state !== "passed") {
      break;
    }
  }
  return results;
}

/**
 * Checks the newest head of the log against the faucet's keys and against `kept`, the head that was kept from an earlier
 * visit, if any. Gives `keys` and `head` as far as they hold, and `results` of the steps.
 *
 * `ask(path)` gives `{ body }`, or `{ code }` where the server refuses, and throws where it does not answer.
 */
export async function checkLog(ask, kept, tell) {
  const found = {};
  const results = await take(
    {
      async keys() {
        const { body, code } = await ask("/.well-known/dripline-keys.json");
        if (code) {
          return open("refused", { code });
        }
        if (!(await areChained(body))) {
          return failed("chain");
        }
        if (kept && kept.faucet !== body.faucet) {
          return failed("other_faucet", { now: body.faucet, kept: kept.faucet });
        }
        found.keys = body;
        return passed({ faucet: body.faucet });
      },
      async head() {
        const { body, code } = await ask("/api/v1/log/head");
        if (code) {
          const isGone = code === NOT_THERE && kept;
          return isGone ? failed("gone", { kept: kept.head.size }) : open(code === NOT_THERE ? "empty" : "refused", { code });
        }
        if (!isHead(body) || !(await isHeadSigned(body, found.keys))) {
          return failed("unsigned");
        }
        found.head = body;
        return passed({ size: body.head.size, at: body.head.at_ms });
      },
      kept: () => goesOn(ask, kept, found),
    },
    tell,
  );
  return { ...found, results };
}

/** Whether the newest head goes on from the one that was kept. */
async function goesOn(ask, kept, { keys, head: { head } }) {
  if (!kept) {
    return passed({ isFirst: true });
  }
  if (!(await isHeadSigned(kept, keys))) {
    return failed("kept_unsigned");
  }
  const before = kept.head;
  const facts = { kept: before.size, now: head.size, at: before.at_ms };
  if (head.size < before.size) {
    return failed("shrunk", facts);
  }
  let hashes = [];
  if (head.size > before.size) {
    const { body, code } = await ask(`/api/v1/log/consistency?first=${before.size}&second=${head.size}`);
    if (code) {
      return code === NOT_THERE ? failed("no_proof", facts) : open("refused", { code });
    }
    if (!isConsistency(body)) {
      return failed("forked", facts);
    }
    hashes = body.hashes;
  }
  return (await isConsistent(before, head, hashes)) ? passed(facts) : failed("forked", facts);
}

/**
 * Checks a receipt, as JSON that was read, against the log as [`checkLog`] found it. `now` is the time in milliseconds.
 */
export async function checkReceipt(receipt, log, ask, now, tell) {
  let proof;
  return take(
    {
      form() {
        const field = wrongField(receipt);
        return field ? failed("field", { field }) : passed();
      },
      faucet() {
        if (!log.keys) {
          return unknownLog(log);
        }
        const { faucet } = log.keys;
        return receipt.faucet === faucet ? passed({ faucet }) : failed("foreign", { faucet, other: receipt.faucet });
      },
      async signature() {
        const isSigned = await isReceiptSigned(receipt, log.keys);
        return isSigned ? passed({ key: receipt.key_id }) : failed("unsigned", { key: receipt.key_id });
      },
      // What is in a log that is not what it was proves nothing.
      kept: () => log.results.kept ?? unknownLog(log),
      async leaf() {
        if (!receipt.log) {
          return open("no_promise");
        }
        const { leaf, by_ms: by } = receipt.log;
        const { size, at_ms: at } = log.head.head;
        const { body, code } = await ask(`/api/v1/log/inclusion?leaf=${leaf}&size=${size}`);
        if (code === NOT_THERE) {
          return at >= by || now >= by + GRACE_MS ? failed("missing", { by }) : open("not_yet", { by });
        }
        if (code) {
          return open("refused", { code });
        }
        if (!isInclusion(body)) {
          return failed("no_proof");
        }
        proof = body;
        const entry = await ask(`/api/v1/log/leaves/${proof.leaf_index}`);
        if (entry.code) {
          return entry.code === NOT_THERE ? failed("no_text") : open("refused", { code: entry.code });
        }
        const text = `${entry.body?.text}`;
        if ((await leafHashOf(text)) !== leaf) {
          return failed("other_text");
        }
        const line = differingLine(text, receipt);
        return line ? failed("other_transfer", { line, text }) : passed({ index: proof.leaf_index, text });
      },
      async inclusion() {
        const { size, root, at_ms: at } = log.head.head;
        const isIn = await isIncluded(receipt.log.leaf, proof.leaf_index, size, root, proof.hashes);
        return isIn ? passed({ index: proof.leaf_index, size, at }) : failed("not_included", { size });
      },
    },
    tell,
  );
}

/** Why a receipt cannot be held against the log: what the log's own check came to. */
function unknownLog({ results }) {
  return Object.values(results).find(({ state }) => state !== "passed") ?? open("unanswered", { error: "" });
}
