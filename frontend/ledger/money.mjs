// Amounts, as people read them, and what the books come to. Amounts are counts of ledger units, as large integers.

import { digits } from "../modules/encoding.mjs";

/** An amount in whole coins, as people read it, exactly and without needless zeros: 1500000n of an asset with 6 decimals is `1.5 DRIP`. */
export function money(units, { code, decimals }) {
  const [whole, fraction] = digits(units < 0n ? -units : units, decimals);
  return `${units < 0n ? "−" : ""}${BigInt(whole).toLocaleString("en")}${fraction && "."}${fraction} ${code}`;
}

/** What the books of an asset come to: the parts in order, what is owed to players, and whether the parts are the supply. */
export function reckoned(books) {
  const part = (name) => BigInt(books[name]);
  const owed = part("players") + part("pending");
  const sum = ["campaigns", "treasury", "fees", "operating"].reduce((sum, name) => sum + part(name), owed);
  return { owed, sum, supply: part("supply"), addsUp: sum === part("supply") };
}

/** What the rails hold of an asset on their chains, in all; nothing where none can pay it there. */
export function onChain(rails, code) {
  const holdings = rails
    .flatMap(({ on_chain: there }) => there?.holdings ?? [])
    .filter(({ asset }) => asset.code === code);
  return holdings.length > 0 ? holdings.reduce((sum, { amount }) => sum + BigInt(amount), 0n) : undefined;
}
