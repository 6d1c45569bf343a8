// The tag in components of Svelte, 4 and later, for those who check them: `import type {} from "@dripline/embed/svelte"` once in a program.
import type { HTMLAttributes } from "svelte/elements";
import type { DriplineFaucetAttributes, DriplineFaucetElement, DriplineHandlers } from "./index.js";

/** What listens to the events: `oncleared`, and `on:cleared` as it was before Svelte 5. */
type Handlers = DriplineHandlers<"on"> & DriplineHandlers<"on:">;

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "dripline-faucet": DriplineFaucetAttributes &
      Handlers &
      Omit<HTMLAttributes<DriplineFaucetElement>, keyof DriplineFaucetAttributes | keyof Handlers>;
  }
}
