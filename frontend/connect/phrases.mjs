// Every text of the program, in English.

const date = (ms) => new Date(ms).toLocaleString(navigator.language, { dateStyle: "medium", timeStyle: "short" });

export const phrases = {
  close: "Close",
  back: "Back",
  again: "Try again",
  told: "What the program says",

  // Which wallet.
  choose: "Connect a wallet",
  chooseWhy:
    "Rewards then go to your own wallet instead of this browser's key. Your wallet signs once; it is not asked before every round. You can " +
    "play without one: nothing here needs it.",
  looking: "Looking for wallets …",
  none: "No wallet was found in this browser. If you have one, unlock it and look again; otherwise play on as you are.",
  lookAgain: "Look again",
  later: "Not now",
  wallets: "Wallets in this browser",
  connecting: (name) => `Look at ${name}: it asks whether this page may see your address.`,
  carry: "Playing on more than one site?",
  carryWhy:
    "Browsers keep what belongs to this page apart on every site. To go on elsewhere with what this browser's key has, save a backup under " +
    "“Your key” in the wallet, and restore it on the faucet's own page.",
  carryLink: "Open the faucet's own page",

  // What a guest has that moves to no wallet: in a frame.
  stays: (amounts) => `${amounts} stays with this browser's key`,
  staysWhy:
    "You have earned it as a guest. In the page of another site it moves to no wallet, for that site could show a wallet of its own. It is " +
    "yours as long as you have the key. To move it to your wallet:",
  staysSteps: [
    "Save a backup under “Your key” in the wallet here.",
    "Open the faucet's own page, and restore the backup there.",
    "Connect your wallet there, and move it.",
  ],
  keyHas: (amounts, isFramed) =>
    `${amounts ? `${amounts}, earned as a guest,` : "What you have earned as a guest"} belongs to this browser's key and not to your wallet. ` +
    "Browsers forget: a backup brings it back on any device. " +
    (isFramed ? "It can move to your wallet on the faucet's own page." : "It can move to your wallet under “Connected wallet”."),

  // What is signed.
  agree: "What your wallet is to sign",
  agreeOwn: "What this browser is to sign",
  days: "It holds for",
  daysOf: (days) => (days === 1 ? "1 day" : `${days} days`),
  delegationMeans: (site) =>
    `For that long, this browser may start rounds and claim rewards for your wallet${site ? " on this site" : ""}. It can neither take ` +
    "money out nor choose where you are paid, and you can revoke it at any time." +
    (site ? "" : " What it has earned as a guest, with its limits and its history, may be moved to your wallet."),
  listMeans: "This only shows which browsers may play for your wallet. It changes nothing.",
  revokeMeans: "From then on that browser's key can start no rounds for your wallet, and claim no more rewards for it.",
  moveMeans:
    "All that this browser's key has earned becomes your wallet's, once and for all. Of both, the stricter limits and waiting times hold " +
    "for the wallet, and the key opens no rounds for itself any more.",
  addressMeans: "This says where your withdrawals are paid from now on. No money moves yet.",
  withdrawMeans: "This takes money out of your balance and pays it to that address.",
  proofMeans: "Your EVM wallet shows that the address is yours. It costs nothing, and no money moves.",
  whole: "The whole text, word for word",
  unseen: "Nothing was signed yet. All this has to be seen first for a moment, with nothing over it: from the title down to the button.",
  sign: "Sign in your wallet",
  signOwn: "Sign and move it",
  signHere: "Sign it",
  pressNumbers: (first, second) => `To sign, press ${first}, then ${second}.`,
  pressNext: (number) => `Right. Now press ${number}.`,
  pressLater: (ms) => `Other numbers were pressed, so none counts before ${new Date(ms).toLocaleTimeString(navigator.language)}.`,
  pressNumbersWhy: "The page around may lie over what is here, or hide it, and have you press something else. So nothing is signed before you have read this.",
  otherNumber: "That was another number, so nothing was signed.",
  anew: "The text was too old to be signed, and has been made anew.",
  signing: (name) => `Look at ${name}: it shows the same text. Sign it there.`,
  asking: "Asking the faucet …",
  sending: "Sending it to the faucet …",

  // Moving.
  move: "Take along what you have earned?",
  moveWhy: (amounts) => `As a guest you have ${amounts}. It can move to your wallet, all of it, once.`,
  moveYes: "Move it to my wallet",
  moveNo: "Leave it for now",
  moveLater: {
    round_unclaimed: () => "A round of the guest's can still be claimed, so its balance cannot move yet. Come back here once it is claimed or over.",
    withdrawal_pending: () => "A withdrawal of the guest's is on its way, so its balance cannot move yet. Come back here once it has arrived.",
    move_waiting: (until) =>
      "The guest has an address to be paid at, so its balance moves only to a wallet that has let this browser play for as long as a changed address waits. " +
      (until ? `Come back here after ${date(until)}.` : "Your wallet's permission ends before that: renew it for longer, and come back here."),
    wallet_held: () => "The operator looks at what the guest has, so it cannot move meanwhile. Come back here once that is over.",
  },
  moved: (amounts) => `${amounts} moved to your wallet.`,

  // Connected.
  connected: (name) => `${name} is connected`,
  connectedWhy: (until) => `This browser plays for it until ${date(until)}. Payouts, signed by your wallet, are in the wallet page.`,
  plays: "Rewards go to",
  go: "Go on",
  renew: "Renew",
  list: "Who may play for it",
  disconnect: "Disconnect",
  listed: "Browsers that may play for your wallet",
  listedNone: "None at the moment.",
  thisBrowser: "This browser",
  otherBrowser: "Another browser",
  anywhere: "anywhere",
  onSite: (site) => `on the site “${site}” only`,
  untilMoment: (ms) => `until ${date(ms)}`,
  revoke: "Revoke",
  revoked: "It was revoked.",
  part: "Disconnect this browser?",
  partWhy: (until) =>
    `This browser plays as a guest again. What your wallet has stays its own. Its permission for this browser's key would hold until ` +
    `${date(until)}, unless you revoke it, which your wallet signs.`,
  partOnly: "Only disconnect",
  partRevoke: "Revoke and disconnect",

  // What has become of it.
  ends: (name, until) => `Your wallet's permission for this browser (${name}) ends ${date(until)}. Renew it to play on for your wallet.`,
  ended: (name, until) =>
    `Your wallet's permission for this browser (${name}) ended ${date(until)}. The browser plays as a guest again; what your wallet has is still there.`,
  another: (name) => `Another key was restored in this browser. It plays as a guest until ${name} is connected again.`,
  reconnect: "Connect again",
  guest: "Play as a guest",
  hide: "Later",
  lost: "Your wallet lets this browser play no more",
  lostWhy:
    "The permission was revoked, or has ended. What your wallet has is still there. This browser goes on as a guest, until you connect the " +
    "wallet again.",
  lostClaim: "The reward of the round that you have just played cannot be claimed for your wallet.",

  // Payouts.
  prove: "Show that the address is yours?",
  proveNeeded: (address) => `Here an address is paid to only if its owner has signed that it is theirs. Sign with the EVM wallet that has ${address}.`,
  proveNone: "No EVM wallet was found in this browser.",
  proveWhy: (address) => `If an EVM wallet in this browser has ${address}, it can sign that the address is yours: so no slip of the pen pays somebody else.`,
  proveNo: "Set it without that",

  // What went wrong. Anything else is told in the faucet's own words.
  failures: {
    declined: ["It was not signed", "You, or your wallet, declined. Nothing has changed."],
    unavailable: ["The wallet does not answer", "Unlock it, or load the page anew, and try again."],
    unsupported: ["This wallet cannot sign texts", "Choose another wallet, or go on as you are."],
    gone: ["Your wallet was not found", "It was not found in this browser. Unlock or install it, and try again."],
    other_account: ["That is another account", "Your wallet answered with another account than the one that is connected. Choose that one in the wallet, or disconnect first."],
    other_address: ["That is another address", "The EVM wallet answered with another address than the one that is to be set."],
    no_key: ["This browser keeps no key", "It blocks storage for this page, so a permission would be lost with the page. Open the faucet's own page, or allow storage."],
    not_signed_here: ["Your browser did not sign", "Nothing was sent. Try again; if that does not help, load the page anew."],
    network: ["The faucet cannot be reached", "Nothing is lost. Try again when you are online."],
    bad_signature: ["The signature was not accepted", "The wallet signed something else than was shown, or in a way that is not known here. Nothing has changed."],
    statement_too_old: ["The text was too old", "It has to be signed within five minutes. Try again."],
    wrong_origin: ["This page may not ask for that", "Its address is not registered for this site. Use the faucet's own page, or tell the site's owner."],
    delegations_used_up: ["There are too many permissions", "Your wallet lets as many browsers play as it may. Revoke one under “Who may play for it”, on a browser that is connected."],
    delegation_unknown: ["It holds no more", "The permission has ended or was revoked already."],
    not_delegated: ["Your wallet does not let this browser play", "Connect it again, and then move the balance."],
    rate_limited: ["Too much at once", "Wait a moment, and try again."],
  },
  code: (code) => `Code: ${code}`,
};
