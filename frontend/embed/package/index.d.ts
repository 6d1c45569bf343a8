/** How the widget lies in the page. */
export type Layout = "card" | "inline" | "full" | "popup";

/** Light, dark, or as the visitor's system is. */
export type Theme = "auto" | "light" | "dark";

/** What goes with the events, by their names. */
export interface DriplineEvents {
  /** The games can be played: which levels the site has, and which of them alone is shown, if it is one. */
  ready: { site: string; level: string | null; levels: string[] };
  /** A round was opened, has ended without a claim, also because another one was opened, or was claimed. */
  round: { state: "opened" | "ended" | "claimed"; round: string; level: string | null };
  /** The server has played a round again and found its goal met. Ask it from your own server before you rely on that. */
  cleared: { round: string; level: string; score: number; stars: number; token?: string };
  /** Something was paid: a whole number of the asset's smallest units. */
  drip: { round: string; level: string; amount: string; asset: string };
  /** The visitor's balance, in the same units. */
  balance: { balance: string };
  /** Something went wrong: a stable code, and words for developers. */
  error: { code: string; message: string };
  /** The popup was closed, whoever did it: also where the widget begins anew, is taken away, or was opened while it is hidden. */
  close: Record<string, never>;
}

/** An event of the element. It does not bubble. */
export type DriplineEvent<Name extends keyof DriplineEvents> = CustomEvent<DriplineEvents[Name]>;

/** Any listener of the element's events. */
type Listening<Target, Name extends keyof DriplineEvents> = (this: Target, event: DriplineEvent<Name>) => void;

/** What tells the events: the element itself, and an element that has one in it. */
export interface DriplineTarget extends HTMLElement {
  addEventListener<Name extends keyof DriplineEvents>(
    type: Name,
    listener: Listening<this, Name>,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<Name extends Exclude<keyof HTMLElementEventMap, keyof DriplineEvents>>(
    type: Name,
    listener: (this: HTMLElement, event: HTMLElementEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;

  removeEventListener<Name extends keyof DriplineEvents>(
    type: Name,
    listener: Listening<this, Name>,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener<Name extends Exclude<keyof HTMLElementEventMap, keyof DriplineEvents>>(
    type: Name,
    listener: (this: HTMLElement, event: HTMLElementEventMap[Name]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

/** The element `<dripline-faucet>`. What it is like stands in its attributes. */
export interface DriplineFaucetElement extends DriplineTarget {
  /** Opens the popup, or scrolls to the games. Of a widget that is hidden nothing is shown. */
  open(): void;
  /** Closes the popup. */
  close(): void;
  /** Begins anew. */
  reset(): void;
  /** Changes the theme, and reads the custom properties of the page again. */
  setTheme(theme: Theme): void;
}

/**
 * An element with `data-dripline-site`, of any kind: `document.querySelector<DriplinePlace>("[data-dripline-site]")`. It is told what the
 * element in it is told.
 */
export interface DriplinePlace extends DriplineTarget {
  /** The element in it, as soon as the loader has put it there. */
  readonly dripline?: DriplineFaucetElement;
}

/** The custom properties that are handed to the frame: colours, a length, and a list of fonts. */
export type DriplineLook = {
  [Name in
    | "accent"
    | "accent-ink"
    | "background"
    | "surface"
    | "ink"
    | "muted"
    | "line"
    | "radius"
    | "font" as `--dripline-${Name}`]?: string;
};

/** What listens to the events where they are attributes, by names that begin so: `oncleared` (React 19, Svelte 5), `on:cleared` (Svelte 4). */
export type DriplineHandlers<Prefix extends string> = {
  [Name in keyof DriplineEvents as `${Prefix}${Name}`]?: (event: DriplineEvent<Name>) => void;
};

/** The attributes of the element. All may be changed later: it shows its games anew for another site, level, layout, lang or label. */
export interface DriplineFaucetAttributes {
  /** The id that an operator of the faucet gave to your site. */
  site: string;
  /** One level alone, instead of all of the site's. */
  level?: string;
  /** "card" where nothing is said. */
  layout?: Layout;
  /** "auto" where nothing is said. */
  theme?: Theme;
  /** A language's tag (BCP 47), or "auto": as the visitor's browser. Dates and times follow it. */
  lang?: string;
  /** A text of yours, at most 255 bytes in UTF-8: your server is told it when it asks about a round. */
  cdata?: string;
  /** What stands on the popup's button, and the title of the frame. */
  label?: string;
  /** The height of a card, and of what is inline, in pixels; 640 where nothing is said. */
  height?: number | string;
}

/** What the loader's tag has besides its address. */
export interface LoadOptions {
  /** The nonce of the page's content security policy. */
  nonce?: string;
  /** The digest of the loader, together with the `path` of this very loader: both stand in `/embed/v1.json`. */
  integrity?: string;
  /** Where the loader is; "/embed/v1.js" where nothing is said. */
  path?: string;
}

/**
 * Brings the loader of a faucet into the page, once however often it is called.
 * @param faucet The faucet's origin: "https://faucet.example".
 * @returns A promise of the element's class; rejected where the loader cannot be had, where the page has the element of another faucet
 * already, and where there is no page, as on a server.
 */
export function load(faucet: string, options?: LoadOptions): Promise<CustomElementConstructor>;

declare global {
  interface HTMLElementTagNameMap {
    "dripline-faucet": DriplineFaucetElement;
  }
}
