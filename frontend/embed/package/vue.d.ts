// The tag in templates of Vue, for those who check them: `import type {} from "@dripline/embed/vue"` once in a program.
import type { EmitFn, HTMLAttributes } from "vue";
import type { DriplineEvent, DriplineEvents, DriplineFaucetAttributes, DriplineFaucetElement } from "./index.js";

/** What listens to the events, as Vue names it. */
type Handlers = { [Name in keyof DriplineEvents as `on${Capitalize<Name>}`]?: (event: DriplineEvent<Name>) => void };

/** What the tag takes. */
type Properties = DriplineFaucetAttributes & Handlers & Omit<HTMLAttributes, keyof DriplineFaucetAttributes | keyof Handlers>;

declare module "vue" {
  interface GlobalComponents {
    "dripline-faucet": new () => DriplineFaucetElement & {
      /** Only for those who check templates: the element has no such property. */
      $props: Properties;
      /** Only for those who check templates: the element has no such method. */
      $emit: EmitFn<{ [Name in keyof DriplineEvents]: (event: DriplineEvent<Name>) => void }>;
    };
  }
}
