// Which wallet this browser plays for: what is remembered of it, and how that stands. The page itself reads no more of it than for whom
// it plays (`keys/browser.mjs`).

/** The name under which it is remembered, but for the site's: the page looks there too. */
const CONNECTION = "dripline/connection/1/";
/** How long before its end a delegation is said to end soon, in milliseconds: three days. */
const SOON_MS = 3 * 86_400_000;

/**
 * How what is remembered stands for this key at `now`: `holds`, `ends` soon, has `ended`, or is of `another` key, which was here before a
 * backup was restored. A delegation of less than six days is not said to end soon before its last half.
 */
export function standing({ by, from, until }, key, now) {
  if (by !== key) {
    return "another";
  }
  if (until <= now) {
    return "ended";
  }
  return until - now <= Math.min(SOON_MS, (until - from) / 2) ? "ends" : "holds";
}

const FIELDS = { wallet: "string", name: "string", by: "string", delegate: "string", id: "string", from: "number", until: "number" };

/** What a text says of a connection; undefined where it is none. */
export function read(text) {
  try {
    const record = JSON.parse(text);
    return Object.entries(FIELDS).every(([name, type]) => typeof record[name] === type) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** On every site of others it is another one: the wallet has said for which it is. */
const place = () => CONNECTION + (window.driplineSite ?? "");

/** What is remembered, if anything is. */
export const remembered = () => read(localStorage.getItem(place()));

/** Whether the browser keeps anything for this page. */
export function canRemember() {
  const probe = "dripline/probe";
  try {
    localStorage.setItem(probe, "1");
    localStorage.removeItem(probe);
    return true;
  } catch {
    return false;
  }
}

/** Remembers a connection. Throws where the browser keeps nothing. */
export const remember = (record) => localStorage.setItem(place(), JSON.stringify(record));

/** Forgets it: from its next start on the page plays for the browser's own key. */
export const forget = () => localStorage.removeItem(place());
