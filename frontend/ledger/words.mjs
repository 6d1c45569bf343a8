// What the page says.

/** The moment, in the words of this browser's language and place. */
export const moment = (ms) => new Date(ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** How long ago that is, of two moments in milliseconds. */
export function ago(ms, now) {
  const seconds = Math.max(0, Math.round((now - ms) / 1_000));
  const [count, unit] =
    seconds < 90 ? [seconds, "second"] : seconds < 5_400 ? [seconds / 60, "minute"] : [seconds / 3_600, "hour"];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(-Math.round(count), unit);
}

const count = (number, one) => `${number.toLocaleString("en")} ${one}${number === 1 ? "" : "s"}`;

/** What each state is called. */
export const STATES = {
  passed: "Checked",
  failed: "Failed",
  open: "Cannot be told",
  running: "Checking …",
  skipped: "Not checked",
};

/** What each step asks. */
export const STEPS = {
  keys: "The faucet's keys vouch for each other",
  head: "The faucet has signed the newest state of its log",
  kept: "The log has only grown since you were here",
  form: "It is a receipt",
  faucet: "It is of this faucet",
  signature: "The faucet has signed it",
  leaf: "The log has the transfer that it promises",
  inclusion: "That transfer is under the signed state of the log",
};

/** What a step that passed says more. */
export const PASSED = {
  keys: ({ faucet }) => `Its fingerprint is ${faucet}.`,
  head: ({ size, at }) => `${count(size, "transfer")}, signed ${moment(at)}.`,
  kept: ({ isFirst, kept, now, at }) =>
    isFirst
      ? "This is your first look: the state is kept in this browser, and the next visit is held against it."
      : kept === now
        ? `It is as you saw it: nothing was added since ${moment(at)}.`
        : `What you saw ${moment(at)}, with ${count(kept, "transfer")}, is the beginning of today's ${count(now, "transfer")}.`,
  form: () => "Every field is there and of the right form.",
  faucet: () => "It names this faucet's fingerprint.",
  signature: ({ key }) => `With its key ${key}.`,
  leaf: ({ index }) => `It is number ${index.toLocaleString("en")}, counted from 0, and says what the receipt says:`,
  inclusion: ({ index, size, at }) =>
    `The proof leads from transfer ${index.toLocaleString("en")} to the state of ${count(size, "transfer")} that was signed ${moment(at)}.`,
};

/** Why a step did not pass. */
export const WHY = {
  chain: () => "The keys that are shown do not vouch for each other: whoever answers here may not be the faucet that you know.",
  other_faucet: ({ now, kept }) => `This is another faucet than at your last visit. It was ${kept}, and now it is ${now}.`,
  gone: ({ kept }) => `At your last visit the log had ${count(kept, "transfer")}. Now the faucet says that it has none.`,
  unsigned: () => "It has not: something of it was changed, or somebody else made it.",
  kept_unsigned: () => "What this browser kept is not signed by any key of this faucet.",
  shrunk: ({ kept, now, at }) =>
    `It was cut off: ${moment(at)} it had ${count(kept, "transfer")}, and now it has ${count(now, "transfer")}. Both states are signed by the faucet.`,
  forked: ({ kept, at }) =>
    `It was rewritten: the ${count(kept, "transfer")} that you saw ${moment(at)} are not the first ones of today's log. Both states are signed by the faucet.`,
  no_proof: () => "The faucet gives no proof of it.",
  empty: () => "The log is empty yet.",
  field: ({ field }) => `What you gave is none: “${field}” is missing, or not what it should be.`,
  json: () => "What you gave is not JSON.",
  foreign: ({ other }) => `It is of another faucet, ${other}. Look for the page of that one.`,
  no_promise: () => "The receipt is from before there was a log, and promises nothing.",
  not_yet: ({ by }) => `Not yet: the faucet has until ${moment(by)}. Try again then.`,
  missing: ({ by }) => `It has not, and it was promised for ${moment(by)}. This signed receipt is evidence against the faucet.`,
  no_text: () => "The faucet does not show it.",
  other_text: () => "What the faucet shows as that transfer has another hash than the receipt promises.",
  other_transfer: ({ line }) => `What is in the log is another transfer than the receipt says: see “${line}”.`,
  not_included: ({ size }) => `It is not: the proof does not lead to the signed state of ${count(size, "transfer")}.`,
  refused: ({ code }) => `The faucet did not answer now (${code}). Try again.`,
  unanswered: ({ error }) => `The faucet could not be asked (${error}). Try again.`,
};

/** What the whole check of a receipt came to. */
export const VERDICTS = {
  passed: "This receipt is genuine, and its drip is in the log.",
  failed: "This receipt does not hold.",
  open: "Not everything can be told now.",
};

export const NO_SIGNATURES =
  "This browser cannot check signatures of Ed25519: the page must come over https, and the browser be one of the last years.";
